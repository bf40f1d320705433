import MoonwheelModel
import ScriptHost

extension Scheduler {
  /// Makes a Swift function callable from scripts that are loaded from now on: register before ``run()``.
  ///
  /// `name` is a global ("greeting") or a field of a table ("shop.price"). The function runs on the worker's thread
  /// while its script waits, so it must not block. The script's call raises an error that the function throws, and
  /// returns `nil, message, code` for a ``Refusal``. Arguments that the script leaves out are `.nil`: see
  /// ``CallArguments``.
  public func register(
    _ name: String, arguments: [String] = [],
    _ body: @escaping @Sendable (CallArguments) throws -> Value
  ) throws(RegistrationError) {
    try add(HostFunction(name, arguments, calling: body))
  }

  /// Makes a Swift function callable from scripts, as `register` does. It gets the whole call: its
  /// arguments, who calls, and what the run may hold.
  public func registerCall(
    _ name: String, arguments: [String] = [],
    _ body: @escaping @Sendable (FunctionCall) throws -> Value
  ) throws(RegistrationError) {
    try FunctionName.check(name)
    try add(HostFunction(name, arguments, callingWithCall: body))
  }

  private func add(_ function: HostFunction) throws(RegistrationError) {
    let table = function.name.split(separator: ".").first ?? ""
    guard !environment.configuration.selection.modules.contains(where: { $0.name == table }) else {
      throw RegistrationError(
        description: "\"\(table)\" is a module of this scheduler; choose another name")
    }
    try environment.functions.checkFree(function)
    environment.functions.add(function)
  }

  /// Makes a Swift function callable from scripts, as `register` does, with the types of its own
  /// arguments and result:
  ///
  ///     try scheduler.register("price", arguments: ["item", "count"]) { (item: String, count: Int?) in
  ///       Double(count ?? 1) * 4.5
  ///     }
  ///
  /// A call with other types raises an error that names the argument, at the line of the script.
  @_disfavoredOverload
  public func register<each Argument: ValueConvertible, Result: ValueConvertible>(
    _ name: String, arguments names: [String] = [],
    _ body: @escaping @Sendable (repeat each Argument) throws -> Result
  ) throws(RegistrationError) {
    try register(name, arguments: names) { arguments in
      var reader = ArgumentReader(arguments, names: names)
      return try body(repeat try reader.read((each Argument).self)).value
    }
  }

  /// Makes a Swift function callable from scripts that returns nothing.
  @_disfavoredOverload
  public func register<each Argument: ValueConvertible>(
    _ name: String, arguments names: [String] = [],
    _ body: @escaping @Sendable (repeat each Argument) throws -> Void
  ) throws(RegistrationError) {
    try register(name, arguments: names) { arguments in
      var reader = ArgumentReader(arguments, names: names)
      try body(repeat try reader.read((each Argument).self))
      return .nil
    }
  }

  /// Makes an async Swift function callable from scripts, as `register` does. A call parks the
  /// script's run, which holds no thread until the function returns.
  ///
  /// The function runs in a task of its own. The task is cancelled when the run ends before it, in whatever way: at its
  /// `timeout`, by a cancellation, when its script's state is thrown away, when the host stops.
  public func registerAsync(
    _ name: String, arguments: [String] = [],
    _ body: @escaping @Sendable (CallArguments) async throws -> Value
  ) throws(RegistrationError) {
    try add(HostFunction(name, arguments, awaiting: body))
  }

  /// Makes an async Swift function callable from scripts, as `registerAsync` does. It gets the whole
  /// call: what it begins outside it gives to the run by ``FunctionCall/hold(_:)``.
  public func registerAsyncCall(
    _ name: String, arguments: [String] = [],
    _ body: @escaping @Sendable (FunctionCall) async throws -> Value
  ) throws(RegistrationError) {
    try FunctionName.check(name)
    try add(HostFunction(name, arguments, awaitingCall: body))
  }

  /// Makes an async Swift function callable from scripts, as `registerAsync` does, with the types of
  /// its own arguments and result.
  @_disfavoredOverload
  public func registerAsync<each Argument: ValueConvertible, Result: ValueConvertible>(
    _ name: String, arguments names: [String] = [],
    _ body: @escaping @Sendable (repeat each Argument) async throws -> Result
  ) throws(RegistrationError) {
    try registerAsync(name, arguments: names) { arguments in
      var reader = ArgumentReader(arguments, names: names)
      return try await body(repeat try reader.read((each Argument).self)).value
    }
  }

  /// Makes an async Swift function callable from scripts that returns nothing.
  @_disfavoredOverload
  public func registerAsync<each Argument: ValueConvertible>(
    _ name: String, arguments names: [String] = [],
    _ body: @escaping @Sendable (repeat each Argument) async throws -> Void
  ) throws(RegistrationError) {
    try registerAsync(name, arguments: names) { arguments in
      var reader = ArgumentReader(arguments, names: names)
      try await body(repeat try reader.read((each Argument).self))
      return .nil
    }
  }
}
