import LuaRuntime
import MoonwheelModel

extension HostFunction {
  /// A Swift function. A thrown error is raised in the script, a thrown ``Refusal`` returned to it.
  package init(
    _ name: String, _ arguments: [String] = [],
    calling body: @escaping @Sendable (CallArguments) throws -> Value
  ) throws(RegistrationError) {
    try FunctionName.check(name)
    self.init(name, arguments, answering: { call in try body(CallArguments(call.arguments)) })
  }

  /// A Swift function, whose name is checked, that also gets who calls, and what its run may hold.
  package init(
    _ name: String, _ arguments: [String] = [],
    callingWithCall body: @escaping @Sendable (FunctionCall) throws -> Value
  ) {
    self.init(name, arguments, answering: { call in try body(FunctionCall(call)) })
  }

  /// Raises a thrown error in the script, and returns a thrown ``Refusal`` to it.
  private init(
    _ name: String, _ arguments: [String],
    answering body: @escaping @Sendable (HostCall) throws -> Value
  ) {
    self.init(HostFunctionSignature(name, arguments)) { call in
      do {
        return .value(try body(call))
      } catch let refusal as Refusal {
        return .refuse(refusal.message, code: refusal.code)
      } catch {
        return .raise("\(error)")
      }
    }
  }
}
