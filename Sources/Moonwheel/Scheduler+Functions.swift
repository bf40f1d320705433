import LuaRuntime
import MoonwheelModel
import ScriptHost

extension Scheduler {
  /// Makes a Swift function callable from scripts that are loaded from now on: register before ``run()``.
  ///
  /// `name` is a global ("greeting") or a field of a table ("shop.price"). The function runs on the worker's thread while
  /// its script waits: it must not block. What it throws is raised in the script; a ``Refusal`` is returned instead.
  /// Arguments that the script leaves out are `.nil`: see ``CallArguments``.
  public func register(
    _ name: String, arguments: [String] = [],
    _ body: @escaping @Sendable (CallArguments) throws -> Value
  ) throws(RegistrationError) {
    let function = try HostFunction(name, arguments, calling: body)
    environment.functions.withLock { $0.append(function) }
  }

  /// As ``register(_:arguments:_:)``, for a function that waits: the script's run is parked meanwhile and holds no thread.
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
      let park = isolate.park(call.coroutine, until: nil)
      Task {
        do {
          isolate.wake(park, .values([try await body(arguments)]))
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
