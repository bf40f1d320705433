import LuaRuntime
import MoonwheelModel

/// A Swift function that scripts call.
package struct HostFunction: Sendable {
  var signature: HostFunctionSignature
  var body: @Sendable (HostCall) -> HostReply

  package init(_ signature: HostFunctionSignature, _ body: @escaping @Sendable (HostCall) -> HostReply) {
    self.signature = signature
    self.body = body
  }
}

/// One call of a host function, on the worker that runs the script.
package struct HostCall {
  package let isolate: ScriptIsolate
  package let arguments: [Value]
  /// The last argument of a function that passes it on, in place of its value.
  let rawLast: EncodedValue?
  package let coroutine: UInt32

  /// Counted from 0; nil past the end, and for nil.
  package subscript(_ index: Int) -> Value {
    index < arguments.count ? arguments[index] : .nil
  }

  /// What the programmer did wrong, for `throw`; the bridge puts the position in front.
  package func text(_ index: Int, _ what: String) throws(Mistake) -> String {
    guard let text = self[index].text else {
      throw Mistake("\(what) must be a string, not \(self[index].described)")
    }
    return text
  }

  /// A function that raises does so by throwing.
  static func raising(
    _ body: @escaping @Sendable (HostCall) throws(Mistake) -> HostReply
  ) -> @Sendable (HostCall) -> HostReply {
    { call in
      do throws(Mistake) {
        return try body(call)
      } catch {
        return .raise(error.text)
      }
    }
  }
}
