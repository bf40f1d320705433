import JSON
import Moonwheel
import MoonwheelSimulation
import Triggers

/// Writes the trace of a simulation as JSON: one object a line.
///
/// A trace has millions of lines, and most have the time of the line before, so the text of the last time is kept.
package struct TraceJSON {
  private let zone: Zone
  private var last: (time: Timestamp, text: String)

  package init(zone: Zone) {
    self.zone = zone
    last = (.distantPast, Timestamp.distantPast.iso(in: zone))
  }

  /// The object of an entry, without the end of the line.
  package mutating func line(_ entry: TraceEntry) -> String {
    var writer = JSONWriter(capacity: 256)
    writer.beginObject()
    Self.write("t", text(of: entry.time), into: &writer)
    Self.write("event", entry.event, into: &writer)
    Self.write("script", entry.script, into: &writer)
    Self.write("job", entry.job, into: &writer)
    Self.write("run", entry.run?.description, into: &writer)
    Self.write("scheduled_at", entry.scheduledAt.map { text(of: $0) }, into: &writer)
    Self.write("reason", entry.reason, into: &writer)
    for detail in entry.details {
      writer.key(detail.key)
      writer.write(JSONValue(detail.value))
    }
    writer.endObject()
    return writer.text
  }

  private mutating func text(of time: Timestamp) -> String {
    if time != last.time { last = (time, time.iso(in: zone)) }
    return last.text
  }

  private static func write(_ key: String, _ text: String?, into writer: inout JSONWriter) {
    writer.key(key)
    if let text { writer.write(text) } else { writer.writeNull() }
  }
}
