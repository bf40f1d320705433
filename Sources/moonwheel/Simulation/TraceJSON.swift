import Moonwheel

/// What happened in a simulation, as JSON: one object a line.
enum TraceJSON {
  static func line(_ entry: TraceEntry, in zone: Zone) -> String {
    let pairs: [(String, JSONText)] = [
      ("t", .string(entry.time.iso(in: zone))), ("event", .string(entry.event)),
      ("script", text(entry.script)), ("job", text(entry.job)),
      ("run", text(entry.run?.description)),
      ("scheduled_at", text(entry.scheduledAt?.iso(in: zone))), ("reason", text(entry.reason)),
    ]
    return JSONText.object(pairs + entry.details.map { ($0.key, JSONText($0.value)) }).description
  }

  private static func text(_ text: String?) -> JSONText { text.map { .string($0) } ?? .null }
}
