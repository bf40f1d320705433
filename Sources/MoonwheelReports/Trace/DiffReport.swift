import Triggers

/// The differences of two traces, by job, for people.
package struct DiffReport {
  private struct Change {
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
  /// The first lines that only the saved trace has.
  private var less: [Line] = []
  /// The first lines that only the new trace has.
  private var more: [Line] = []
  private var count = 0

  package init(zone: Zone) { self.zone = zone }

  package var isEmpty: Bool { count == 0 }

  /// Adds a line that only the saved trace has (`-`), or only the new one (`+`). Each side comes in its order.
  mutating func add(_ sign: Character, _ line: TraceLine) {
    count += 1
    let time = time(of: line)
    let origin = line.origin
    if changes[origin] == nil { origins.append(origin) }
    var change = changes[origin] ?? Change(first: time)
    change.first = min(change.first, time)
    switch (sign, line.isFire) {
    case ("-", true): change.fires.less += 1
    case ("-", false): change.others.less += 1
    case (_, true): change.fires.more += 1
    case (_, false): change.others.more += 1
    }
    changes[origin] = change
    if sign == "-", less.count < Self.maxLines {
      less.append(Line(sign: sign, time: time, words: line.words))
    } else if sign == "+", more.count < Self.maxLines {
      more.append(Line(sign: sign, time: time, words: line.words))
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
    let order = origins.enumerated().sorted { a, b in
      let first = (changes[a.element]?.first ?? .distantPast, a.offset)
      return first < (changes[b.element]?.first ?? .distantPast, b.offset)
    }
    let summary = order.compactMap { origin in
      changes[origin.element].map { words(origin.element, $0) }
    }
    // A stable order: lines of one instant keep the order of their trace.
    let merged = (less + more).enumerated().sorted { a, b in
      (a.element.time, a.offset) < (b.element.time, b.offset)
    }.prefix(Self.maxLines).map { "\($0.element.sign) \($0.element.words)" }
    let rest = count - merged.count
    return summary + [""] + merged + (rest > 0 ? ["... and \(rest) more"] : [])
  }

  private func words(_ origin: String, _ change: Change) -> String {
    let parts = [
      Self.words("fire", change.fires), Self.words("other line", change.others),
      "first difference \(change.first.iso(in: zone))",
    ]
    return "\(origin): " + parts.compactMap { $0 }.joined(separator: "; ")
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
