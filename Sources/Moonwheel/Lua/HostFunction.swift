import LuaRuntime
import MoonwheelModel

/// A Swift function that scripts call.
struct HostFunction: Sendable {
  var signature: HostFunctionSignature
  var body: @Sendable (HostCall) -> HostReply

  init(_ signature: HostFunctionSignature, _ body: @escaping @Sendable (HostCall) -> HostReply) {
    self.signature = signature
    self.body = body
  }
}

/// One call of a host function, on the worker that runs the script.
struct HostCall {
  let isolate: ScriptIsolate
  let arguments: [Value]
  /// The last argument of a function that passes it on, in place of its value.
  let rawLast: EncodedValue?
  let coroutine: UInt32

  /// Counted from 0; nil past the end, and for nil.
  subscript(_ index: Int) -> Value {
    index < arguments.count ? arguments[index] : .nil
  }

  /// What the programmer did wrong, for `throw`; the bridge puts the position in front.
  func text(_ index: Int, _ what: String) throws(Mistake) -> String {
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

/// A mistake of the programmer: raised in the script, with its position.
struct Mistake: Error {
  let text: String
  init(_ text: String) { self.text = text }
}

extension Value {
  /// For messages: the type, and the text of what is short.
  var described: String {
    switch self {
    case .nil: "nil"
    case .bool(let flag): "\(flag)"
    case .integer(let integer): "\(integer)"
    case .number(let number): "\(number)"
    case .string(let text) where text.utf8.count <= 40: "\"\(text)\""
    case .string, .bytes: "a string"
    case .list, .table: "a table"
    case .callback: "a function"
    case .job: "a job"
    }
  }
}
