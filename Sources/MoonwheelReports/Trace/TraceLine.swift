import JSON

/// A line of a trace as two traces are compared: by its JSON text, but for the ids of runs.
package struct TraceLine: Hashable {
  package struct Field: Hashable {
    package let key: String
    /// JSON text, as it was written.
    package let value: String
  }

  /// In their order, without the run.
  package let fields: [Field]

  /// Nil for what is no object as ``TraceJSON`` writes it. The bytes do not include the end of the line.
  package init?(_ bytes: ArraySlice<UInt8>) {
    let members: [(key: String, value: ArraySlice<UInt8>)]
    do { members = try JSONReader.members(of: bytes) } catch { return nil }
    guard members.first?.key == "t", members.count >= 7 else { return nil }
    fields = members.filter { $0.key != "run" }.map { member in
      let value = String(decoding: member.value, as: UTF8.self)
      let namesRuns = member.key == "reason" || member.key == "error"
      return Field(key: member.key, value: namesRuns ? value.maskingRunIDs : value)
    }
  }

  /// The contents of a string, escaped as in JSON; nil for another value, and where there is none.
  subscript(_ key: String) -> String? {
    guard let value = fields.first(where: { $0.key == key })?.value, value.hasPrefix("\"") else {
      return nil
    }
    return String(value.dropFirst().dropLast())
  }

  /// `a.lua:report`, `a.lua`, or `the host`.
  var place: String {
    let names = [self["script"], self["job"]].compactMap { $0 }
    return names.isEmpty ? "the host" : names.joined(separator: ":").escapingControls
  }

  var isFire: Bool { self["event"] == "run.started" }

  /// For people: the time, the place, the event, then the other fields.
  var words: String {
    let head = [self["t"] ?? "", place, self["event"] ?? ""]
    let rest = fields.dropFirst(4).filter { field in
      field.value != "null" && !(field.key == "scheduled_at" && self["scheduled_at"] == self["t"])
    }
    let text = (head + rest.map { "\($0.key) \($0.value)" }).joined(separator: "  ")
    return ShortText.cut(text, to: 300, "...").escapingControls
  }
}
