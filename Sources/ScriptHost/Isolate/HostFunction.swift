import LuaRuntime
import MoonwheelModel

/// A Swift function that scripts call.
package struct HostFunction: Sendable {
  var signature: HostFunctionSignature
  var body: @Sendable (HostCall) -> HostReply

  package init(
    _ signature: HostFunctionSignature, _ body: @escaping @Sendable (HostCall) -> HostReply
  ) {
    self.signature = signature
    self.body = body
  }
}

/// One call of a host function, on the worker that runs the script.
package struct HostCall {
  package let isolate: ScriptIsolate
  package let arguments: [Value]
  /// The last argument in encoded form, for functions that pass it on without decoding; `arguments` then lacks it.
  let rawLast: EncodedValue?
  package let coroutine: UInt32

  /// The argument at an index from 0; `.nil` past the end.
  package subscript(_ index: Int) -> Value {
    index < arguments.count ? arguments[index] : .nil
  }

  /// A required string; throws otherwise. The bridge puts the position before the message.
  package func text(_ index: Int, _ what: String) throws(Mistake) -> String {
    guard let text = self[index].text else {
      throw Mistake("\(what) must be a string, not \(self[index].described)")
    }
    return text
  }

  /// Turns a thrown ``Mistake`` into an error in the script.
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
