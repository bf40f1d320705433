/// A line of a trace, taken apart as far as two traces are compared.
///
/// It is compared by its bytes, but for the ids of runs: they are numbered through, so that one run more shifts them all.
struct TraceLine {
  /// Keys with what stands after their colons, in order; without the run.
  let fields: [(key: String, value: String)]

  /// As JSON without the end of the line; nil for what is not the object that a simulation writes.
  init?(_ bytes: some Collection<UInt8>) {
    var cursor = JSONCursor(Array(bytes))
    guard let fields = cursor.fields(), fields.first?.key == "t", fields.count >= 7 else {
      return nil
    }
    self.fields = fields.filter { $0.key != "run" }.map { field in
      let hasRuns = field.key == "reason" || field.key == "error"
      return hasRuns ? (field.key, TraceText.withoutRuns(field.value)) : field
    }
  }

  /// The text of a string; nil for another value, or none.
  subscript(_ key: String) -> String? {
    guard let value = fields.first(where: { $0.key == key })?.value, value.hasPrefix("\"") else {
      return nil
    }
    return String(value.dropFirst().dropLast())
  }

  /// The same for lines that say the same.
  func hash(into hasher: inout Hasher) {
    for field in fields {
      hasher.combine(field.key)
      hasher.combine(field.value)
    }
  }

  /// `a.lua:report`, `a.lua`, or `the host`.
  var place: String {
    let names = [self["script"], self["job"]].compactMap { $0 }
    return names.isEmpty ? "the host" : LogPretty.visible(names.joined(separator: ":"))
  }

  var isFire: Bool { self["event"] == "run.started" }

  /// For a person: the time, the event and what it is about, then what there is besides.
  var words: String {
    let head = [self["t"] ?? "", place, self["event"] ?? ""]
    let rest = fields.dropFirst(4).filter { field in
      field.value != "null" && !(field.key == "scheduled_at" && self["scheduled_at"] == self["t"])
    }
    let text = (head + rest.map { "\($0.key) \($0.value)" }).joined(separator: "  ")
    return LogPretty.visible(SummaryTable.cut(text, to: 300, "..."))
  }
}

/// Finds the ends of the values of a JSON object that is written without spaces, and does not look into them.
private struct JSONCursor {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Nil for anything but one object.
  mutating func fields() -> [(key: String, value: String)]? {
    guard eat("{") else { return nil }
    var fields: [(key: String, value: String)] = []
    repeat {
      let start = position
      guard skipString() else { return nil }
      let key = text(start + 1..<position - 1)
      guard eat(":") else { return nil }
      let value = position
      guard skipValue() else { return nil }
      fields.append((key, text(value..<position)))
    } while eat(",")
    return eat("}") && position == bytes.count ? fields : nil
  }

  private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  private mutating func eat(_ character: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipString() -> Bool {
    guard eat("\"") else { return false }
    while position < bytes.count {
      let byte = bytes[position]
      position += byte == UInt8(ascii: "\\") ? 2 : 1
      if byte == UInt8(ascii: "\"") { return true }
    }
    return false
  }

  /// Up to the comma or brace that ends it.
  private mutating func skipValue() -> Bool {
    let start = position
    var depth = 0
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        guard skipString() else { return false }
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: ",") where depth == 0: return position > start
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        guard depth > 0 else { return position > start }
        depth -= 1
      default: break
      }
      position += 1
    }
    return false
  }
}
