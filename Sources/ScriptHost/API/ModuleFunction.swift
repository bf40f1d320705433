import MoonwheelModel

/// A Swift function of a module.
public struct ModuleFunction: Sendable {
  /// The name in the module's table.
  public let name: String
  /// The names of the arguments, for error messages.
  public let arguments: [String]
  let body: Body

  enum Body: Sendable {
    case direct(@Sendable (FunctionCall) throws -> Value)
    case waiting(@Sendable (FunctionCall) async throws -> Value)
    case parking(@Sendable (FunctionCall) throws -> @Sendable (ParkedCall) -> Void)
    case answering(Traits, @Sendable (FunctionCall) throws -> Work)
  }

  /// A function that does not wait: it runs on a worker while its script waits, so it must not block. Scripts can call
  /// it while they load, too.
  public init(
    _ name: String, _ arguments: [String] = [],
    _ body: @escaping @Sendable (FunctionCall) throws -> Value
  ) {
    self.name = name
    self.arguments = arguments
    self.body = .direct(body)
  }

  init(_ name: String, _ arguments: [String], _ body: Body) {
    self.name = name
    self.arguments = arguments
    self.body = body
  }

  /// A function that waits: its call parks the run, which holds no thread meanwhile. It runs in a task, which is cancelled
  /// when the run ends before it. Scripts cannot call it while they load.
  public static func waiting(
    _ name: String, _ arguments: [String] = [],
    _ body: @escaping @Sendable (FunctionCall) async throws -> Value
  ) -> ModuleFunction {
    ModuleFunction(name, arguments, .waiting(body))
  }

  /// A function that waits without a task: `body` checks the call on the worker, and what it returns begins what the run
  /// waits for, and has it answered once.
  package static func parking(
    _ name: String, _ arguments: [String] = [],
    _ body: @escaping @Sendable (FunctionCall) throws -> @Sendable (ParkedCall) -> Void
  ) -> ModuleFunction {
    ModuleFunction(name, arguments, .parking(body))
  }
}
