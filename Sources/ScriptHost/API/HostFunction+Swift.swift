import LuaRuntime
import MoonwheelModel

/// A host function's answer to a script in the manner of `io.open`: `nil, message, code`.
public struct Refusal: Error, Sendable, Hashable {
  public var message: String
  public var code: String

  public init(_ message: String, code: String = "refused") {
    self.message = message
    self.code = code
  }
}

/// A name under which no function can be registered.
public struct RegistrationError: Error, Sendable, Hashable, CustomStringConvertible {
  public let description: String
}

extension HostFunction {
  /// A function of Swift: what it throws is raised in the script, and a ``Refusal`` is returned.
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
