import LuaRuntime
import MoonwheelModel

/// Thrown by a Swift function to return `nil, message, code` to the script, as `io.open` does.
public struct Refusal: Error, Sendable, Hashable {
  public var message: String
  public var code: String

  public init(_ message: String, code: String = "refused") {
    self.message = message
    self.code = code
  }
}

/// Why a function cannot be registered under a name.
public struct RegistrationError: Error, Sendable, Hashable, CustomStringConvertible {
  public let description: String
}

extension HostFunction {
  /// A Swift function. A thrown error is raised in the script, a thrown ``Refusal`` returned to it.
  package init(
    _ name: String, _ arguments: [String] = [],
    calling body: @escaping @Sendable (CallArguments) throws -> Value
  ) throws(RegistrationError) {
    try FunctionName.check(name)
    self.init(HostFunctionSignature(name, arguments)) { call in
      do {
        return .value(try body(CallArguments(call.arguments)))
      } catch let refusal as Refusal {
        return .refuse(refusal.message, code: refusal.code)
      } catch {
        return .raise("\(error)")
      }
    }
  }
}
