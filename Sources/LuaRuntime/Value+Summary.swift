import MoonwheelModel

extension Value {
  /// Whether it contains a job's handle, which is meaningless outside of its generation.
  var hasHandle: Bool {
    switch self {
    case .job: true
    case .list(let values): values.contains { $0.hasHandle }
    case .table(let pairs): pairs.contains { $0.key.hasHandle || $0.value.hasHandle }
    case .nil, .null, .bool, .integer, .number, .string, .bytes, .callback: false
    }
  }

  /// A short text for people, in Lua's syntax: `{ code = "E1", retry = false }`. A long text is cut.
  var debugSummary: String {
    var text = ""
    debugSummary(into: &text, depth: 0)
    return text.utf8.count <= Self.summaryLimit ? text : text.prefix(Self.summaryLimit) + "..."
  }

  private static let summaryLimit = 200

  private func debugSummary(into text: inout String, depth: Int) {
    guard text.utf8.count <= Self.summaryLimit else { return }
    switch self {
    case .nil: text += "nil"
    case .null: text += "null"
    case .bool(let flag): text += "\(flag)"
    case .integer(let integer): text += "\(integer)"
    case .number(let number): text += "\(number)"
    case .string(let string): text += "\"\(string)\""
    case .bytes(let bytes): text += "\"\(String(decoding: bytes, as: UTF8.self))\""
    case .list, .table: tableSummary(into: &text, depth: depth)
    case .callback, .job: text += typeName
    }
  }

  private func tableSummary(into text: inout String, depth: Int) {
    let entries = entries
    guard !entries.isEmpty, depth < 3 else {
      text += entries.isEmpty ? "{}" : "{...}"
      return
    }
    for (index, entry) in entries.enumerated() {
      guard text.utf8.count <= Self.summaryLimit else { return }
      text += (index == 0 ? "{ " : ", ") + entry.name
      entry.value.debugSummary(into: &text, depth: depth + 1)
    }
    text += " }"
  }

  /// The elements, sorted, each with the text that precedes its value.
  private var entries: [(name: String, value: Value)] {
    switch self {
    case .list(let values): values.map { ("", $0) }
    case .table(let pairs):
      pairs.map { (($0.key.text ?? "[\($0.key.debugSummary)]") + " = ", $0.value) }
        .sorted { $0.0 < $1.0 }
    default: []
    }
  }
}
