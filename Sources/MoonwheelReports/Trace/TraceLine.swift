import JSON
import JobHistory

/// A line of a trace, for the comparison of two traces: its JSON text without the ids of runs.
package struct TraceLine: Hashable {
  package struct Field: Hashable {
    package let key: String
    /// The JSON text, as it was written.
    package let value: String
  }

  /// The fields in their order, without the run.
  package let fields: [Field]

  /// Nil if the bytes are not an object as ``TraceJSON`` writes it. They do not include the end of the line.
  package init?(_ bytes: ArraySlice<UInt8>) {
    let members: [(key: String, value: ArraySlice<UInt8>)]
    do { members = try JSONReader.members(of: bytes) } catch { return nil }
    guard members.first?.key == "t", members.count >= 7 else { return nil }
    fields = members.compactMap { member in
      if member.key == "run" { return nil }
      let value = String(decoding: member.value, as: UTF8.self)
      let namesRuns = member.key == "reason" || member.key == "error"
      return Field(key: member.key, value: namesRuns ? value.maskingRunIDs : value)
    }
  }

  /// The contents of a string field, escaped as in JSON; nil if the field is missing or not a string.
  subscript(_ key: String) -> String? {
    guard let value = fields.first(where: { $0.key == key })?.value, value.hasPrefix("\"") else {
      return nil
    }
    return String(value.dropFirst().dropLast())
  }

  /// The job or script that the line is about: `a.lua:report`, `a.lua`, or `the host`.
  var origin: String {
    let names = [self["script"], self["job"]].compactMap { $0 }
    return names.isEmpty ? "the host" : names.joined(separator: ":").escapingControls
  }

  var isFire: Bool { self["event"] == "run.started" }

  /// The line for people: the time, the origin, the event, then the other fields.
  var words: String {
    let head = [self["t"] ?? "", origin, self["event"] ?? ""]
    let rest = fields.dropFirst(4).filter { field in
      field.value != "null" && !(field.key == "scheduled_at" && self["scheduled_at"] == self["t"])
    }
    let text = (head + rest.map { "\($0.key) \($0.value)" }).joined(separator: "  ")
    return ShortText.cut(text, to: 300, "...").escapingControls
  }
}
