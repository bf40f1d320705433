import ModuleKit
import MoonwheelModel
import ScriptHost
import Triggers

/// What a call of `kv` was given.
struct KeyArguments {
  private let call: FunctionCall
  private let word: String

  init(_ call: FunctionCall, _ word: String) {
    self.call = call
    self.word = word
  }

  func name() throws(Mistake) -> KeyName {
    let key = try text(call.arguments[0], "a key", atMost: KeyName.longest)
    guard isEventName(key) else {
      throw Mistake(
        "\(word): \"\(key)\" is not a key: keys are parts with dots between, without spaces, * or |"
      )
    }
    return KeyName(key, of: call.script)
  }

  /// The space and the beginning of the keys to list.
  func prefix() throws(Mistake) -> KeyName {
    guard !call.arguments[0].isNil else { return KeyName("") }
    let text = try text(call.arguments[0], "the beginning of keys", atMost: KeyName.longest)
    return KeyName(text, of: call.script)
  }

  /// Throws a `Refusal` if the script may not use a key. Call it last: a mistake comes first.
  func permit(_ name: KeyName) throws(Refusal) { try permit(name, name.key) }

  /// Throws a `Refusal` if the script may not use all keys with this beginning.
  func permitAll(_ prefix: KeyName) throws(Refusal) { try permit(prefix, prefix.key + "*") }

  private func permit(_ name: KeyName, _ keys: String) throws(Refusal) {
    if !name.isOwn { try call.require(.kv, keys) }
  }

  /// The value in the form in which stores keep it.
  func value() throws -> [UInt8] {
    let value = call.arguments[1]
    guard !value.isNil else {
      throw Mistake("\(word) takes a value after the key; kv.delete removes a key")
    }
    try value.refuseHandles("\(word): the value")
    let encoded = value.encoded
    let limit = KeyLimits.standard.value
    guard encoded.count <= limit else {
      throw Refusal(
        "the value takes \(encoded.count) bytes, and a value of kv has at most \(limit)",
        code: "too_large")
    }
    return encoded
  }

  func number() throws -> Value {
    switch call.arguments[1] {
    case .nil: return .integer(1)
    case .integer(let integer): return .integer(integer)
    case .number(let number) where number.isFinite: return .number(number)
    default:
      throw Mistake("\(word) takes a number after the key, not \(call.arguments[1].described)")
    }
  }

  func options(_ index: Int, _ known: [String]) throws(Mistake) -> KeyOptions {
    try KeyOptions(call.arguments[index], word, known)
  }

  private func text(_ value: Value, _ what: String, atMost limit: Int) throws(Mistake) -> String {
    guard let text = value.text else {
      throw Mistake("\(word): \(what) must be a string, not \(value.described)")
    }
    guard text.utf8.count <= limit else {
      throw Mistake("\(word): \(what) has at most \(limit) bytes, not \(text.utf8.count)")
    }
    return text
  }
}

/// The options of a call of `kv`.
struct KeyOptions {
  private let fields: Value
  private let word: String

  init(_ value: Value, _ word: String, _ known: [String]) throws(Mistake) {
    fields = value
    self.word = word
    switch value {
    case .nil, .list([]): return
    case .table(let pairs):
      for name in pairs.keys.map({ $0.text ?? $0.described }).sorted() where !known.contains(name) {
        let near = Spelling.nearest(to: name, in: known).map { ", did you mean \"\($0)\"?" }
        let list = known.joined(separator: ", ")
        throw Mistake("\(word): unknown option \"\(name)\"" + (near ?? "; it takes \(list)"))
      }
    default: throw Mistake("\(word) takes options as a table, not \(value.described)")
    }
  }

  func condition() throws(Mistake) -> KeyCondition {
    let (version, absent) = (fields["version"] ?? .nil, fields["absent"] ?? .nil)
    guard absent.isNil || absent.boolean != nil else {
      throw Mistake("\(word): absent must be true or false, not \(absent.described)")
    }
    if version.isNil { return absent == true ? .absent : .none }
    guard absent != true else {
      throw Mistake("\(word): a key that is absent has no version; give one of both")
    }
    guard let number = version.int else {
      throw Mistake("\(word): version must be a whole number, not \(version.described)")
    }
    return .version(number)
  }

  /// Nil if there is no option `ttl`.
  func lifetime() throws(Mistake) -> KeyLifetime? {
    guard let ttl = fields["ttl"] else { return nil }
    if ttl == "keep" { return .unchanged }
    return .nanoseconds(try LuaAPI.duration(ttl, "\(word): ttl"))
  }

  /// The page of keys that begin with a text.
  func page(_ prefix: KeyName) throws(Mistake) -> KeyPage {
    var page = KeyPage(space: prefix.space, prefix: prefix.key, limit: Self.pageLimit)
    if let limit = fields["limit"] {
      guard let number = limit.int, (1...Int64(Self.pageLimit)).contains(number) else {
        throw Mistake(
          "\(word): limit must be a whole number from 1 to \(Self.pageLimit), not \(limit.described)"
        )
      }
      page.limit = Int(number)
    }
    if let after = fields["after"] {
      guard let key = after.text else {
        throw Mistake("\(word): after must be a key, not \(after.described)")
      }
      page.after = key
    }
    return page
  }

  /// The most keys of one page.
  private static let pageLimit = 1_000
}
