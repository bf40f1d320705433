import Moonwheel

/// Writes what happens in a simulation as JSON: one object a line.
///
/// Made for traces of millions of lines: the text of the last instant is kept, since most lines have the same as the one
/// before, and texts without anything to escape are copied.
struct TraceJSON {
  private let zone: Zone
  private var last: (time: Timestamp, text: String)

  init(zone: Zone) {
    self.zone = zone
    last = (.distantPast, Timestamp.distantPast.iso(in: zone))
  }

  mutating func line(_ entry: TraceEntry) -> String {
    var line = "{\"t\":\""
    line.reserveCapacity(256)
    line += text(of: entry.time)
    line += "\",\"event\":"
    Self.write(entry.event, into: &line)
    line += ",\"script\":"
    Self.write(entry.script, into: &line)
    line += ",\"job\":"
    Self.write(entry.job, into: &line)
    line += ",\"run\":"
    Self.write(entry.run?.description, into: &line)
    line += ",\"scheduled_at\":"
    Self.write(entry.scheduledAt.map { text(of: $0) }, into: &line)
    line += ",\"reason\":"
    Self.write(entry.reason, into: &line)
    for detail in entry.details {
      line += ",\"\(detail.key)\":"
      line += JSONText(detail.value).description
    }
    line += "}"
    return line
  }

  private mutating func text(of time: Timestamp) -> String {
    if time != last.time { last = (time, time.iso(in: zone)) }
    return last.text
  }

  private static func write(_ text: String?, into line: inout String) {
    guard let text else {
      line += "null"
      return
    }
    guard text.utf8.allSatisfy(isPlain) else {
      line += JSONText.string(text).description
      return
    }
    line += "\""
    line += text
    line += "\""
  }

  /// Printable ASCII that JSON has as it is.
  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }
}
