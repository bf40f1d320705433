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
    let members = [
      ("t", text(of: entry.time)), ("event", entry.event), ("script", entry.script),
      ("job", entry.job), ("run", entry.run?.description),
      ("scheduled_at", entry.scheduledAt.map { text(of: $0) }), ("reason", entry.reason),
    ]
    for (key, text) in members {
      writer.key(key)
      if let text { writer.write(text) } else { writer.writeNull() }
    }
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
}
