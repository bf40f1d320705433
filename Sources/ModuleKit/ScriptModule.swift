/// A part that gives scripts words of its own: a global table of Swift functions, and what Lua puts on top.
///
///     struct Greetings: ScriptModule {
///       let name = "greet"
///       let functions = [ModuleFunction("hello", ["name"]) { call in .string("hello " + (call.arguments[0].text ?? "")) }]
///       let stubs = "---@meta\ngreet = {}\n---@param name string\n---@return string\nfunction greet.hello(name) end\n"
///     }
///
///     var configuration = Configuration(paths: ["scripts"])
///     try configuration.add(Greetings())
///
/// A module is a target of its own and imports `ModuleKit` alone. What a call begins outside (a child process, an open
/// file) it gives to its run by `FunctionCall.hold`, so that nothing outlives the run, however that ends.
public protocol ScriptModule: Sendable {
  /// The global table: scripts write `greet.hello`. A name of Lua or of the Lua API is refused.
  var name: String { get }

  /// The functions of the table.
  var functions: [ModuleFunction] { get }

  /// What the functions do in a simulation and in tests of scripts, which must reach nothing outside; by name. Each one
  /// that is missing here returns `nil, "... is not mocked ...", "simulated"` there, until a test gives it an answer
  /// by `sim:mock`.
  var simulated: [ModuleFunction] { get }

  /// Lua that runs in each isolate before its script, after the functions are there. It may put friendlier functions in
  /// their place: what it takes from the table first is what a test has mocked.
  var lua: String { get }

  /// What does the requests that the functions leave for after their run, by ``FunctionCall/afterRun(_:_:)``. A kind begins
  /// with the name of the module.
  var afterRun: [AfterRunHandler] { get }

  /// What the words are, for editors: definitions for the Lua language server.
  var stubs: String { get }
}

extension ScriptModule {
  public var simulated: [ModuleFunction] { [] }
  public var lua: String { "" }
  public var afterRun: [AfterRunHandler] { [] }
  public var stubs: String { "" }
}
