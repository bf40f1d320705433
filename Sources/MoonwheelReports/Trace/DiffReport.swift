import Triggers

/// The differences of two traces, by job, for people.
package struct DiffReport {
  private struct Change {
    let origin: String
    var fires = (less: 0, more: 0)
    var others = (less: 0, more: 0)
    var first: Timestamp
  }

  private struct Line {
    let sign: Character
    let time: Timestamp
    let words: String
  }

  private static let maxLines = 40
  private let zone: Zone
  private var changes: [String: Change] = [:]
  /// The keys of `changes`, in the order in which they were added.
  private var origins: [String] = []
  /// By sign: the first lines that only the saved trace has (`-`), or only the new one (`+`).
  private var examples: [Character: [Line]] = [:]
  private var count = 0

  package init(zone: Zone) { self.zone = zone }

  package var isEmpty: Bool { count == 0 }

  /// Adds a line that only the saved trace has (`-`), or only the new one (`+`). Each side comes in its order.
  mutating func add(_ sign: Character, _ line: TraceLine) {
    count += 1
    let time = time(of: line)
    let origin = line.origin
    if changes[origin] == nil { origins.append(origin) }
    var change = changes[origin] ?? Change(origin: origin, first: time)
    change.first = min(change.first, time)
    switch (sign, line.isFire) {
    case ("-", true): change.fires.less += 1
    case ("-", false): change.others.less += 1
    case (_, true): change.fires.more += 1
    case (_, false): change.others.more += 1
    }
    changes[origin] = change
    if examples[sign, default: []].count < Self.maxLines {
      examples[sign, default: []].append(Line(sign: sign, time: time, words: line.words))
    }
  }

  /// The time of a line; the distant past if no simulation wrote it.
  private func time(of line: TraceLine) -> Timestamp {
    do {
      let options = TriggerOptions(zone: zone, now: Timestamp(nanoseconds: 0))
      return try Timestamp(line["t"] ?? "", options, word: "t")
    } catch {
      return .distantPast
    }
  }

  package var lines: [String] {
    guard !isEmpty else { return ["no difference"] }
    let summary = origins.compactMap { changes[$0] }.sorted { $0.first < $1.first }.map(words)
    // The order is stable: lines of one instant keep the order of their trace.
    let lines = (examples["-"] ?? []) + (examples["+"] ?? [])
    let merged = lines.sorted { $0.time < $1.time }.prefix(Self.maxLines)
      .map { "\($0.sign) \($0.words)" }
    let rest = count - merged.count
    return summary + [""] + merged + (rest > 0 ? ["... and \(rest) more"] : [])
  }

  private func words(_ change: Change) -> String {
    let parts = [
      Self.words("fire", change.fires), Self.words("other line", change.others),
      "first difference \(change.first.iso(in: zone))",
    ]
    return "\(change.origin): " + parts.compactMap { $0 }.joined(separator: "; ")
  }

  private static func words(_ noun: String, _ counts: (less: Int, more: Int)) -> String? {
    switch counts {
    case (0, 0): nil
    case (0, let more): "\(ShortText.counted(more, noun)) more"
    case (let less, 0): "\(ShortText.counted(less, noun)) less"
    case (let less, let more): "\(ShortText.counted(less, noun)) less, \(more) more"
    }
  }
}
