import LuaRuntime
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
    let function = try HostFunction(name, arguments, calling: body)
    environment.functions.withLock { $0.append(function) }
  }

  /// Makes an async Swift function callable from scripts, as ``register(_:arguments:_:)`` does. A call parks the
  /// script's run, which holds no thread until the function returns.
  public func registerAsync(
    _ name: String, arguments: [String] = [],
    _ body: @escaping @Sendable (CallArguments) async throws -> Value
  ) throws(RegistrationError) {
    try FunctionName.check(name)
    let signature = HostFunctionSignature(name, arguments, mayPark: true)
    let function = HostFunction(signature) { call in
      if call.isolate.isLoading {
        return .raise("\(name) waits, and cannot be called while the script loads")
      }
      let isolate = call.isolate
      let arguments = CallArguments(call.arguments)
      let size = call.arguments.reduce(0) { $0 + $1.footprint }
      guard let hold = isolate.holdMemory(size) else {
        return .raise("not enough memory")
      }
      let account = isolate.memory.script
      let park = isolate.park(call.coroutine, until: nil)
      Task {
        defer { withExtendedLifetime(hold) {} }
        do {
          let result = try await body(arguments)
          isolate.wake(park, .values([result], hold: account.hold(result.footprint)))
        } catch let refusal as Refusal {
          isolate.wake(park, .values([.nil, .string(refusal.message), .string(refusal.code)]))
        } catch {
          isolate.wake(park, .raise("\(error)"))
        }
      }
      return .park
    }
    environment.functions.withLock { $0.append(function) }
  }
}
