import JobHistory
import Triggers

/// The summary of a simulation for people, in lines of at most 100 columns.
package struct SummaryText {
  private let summary: TraceSummary
  private let start: Timestamp
  private let end: Timestamp
  private let isASCII: Bool

  /// - Parameter isASCII: whether to use only ASCII characters.
  package init(summary: TraceSummary, start: Timestamp, end: Timestamp, isASCII: Bool) {
    self.summary = summary
    self.start = start
    self.end = end
    self.isASCII = isASCII
  }

  private static let width = 100
  /// Bounded, since callbacks may register any number of jobs.
  private static let maxJobs = 200
  private static let maxErrors = 10
  private static let maxReasons = 20
  private var ellipsis: String { isASCII ? ".." : "…" }
  private var zone: Zone { summary.zone }

  package var lines: [String] {
    let parts = [heading, jobs, reasons, busy, density, errors].filter { !$0.isEmpty }
    return Array(parts.joined(separator: [""]))
  }

  private var heading: [String] {
    let counts = [
      (summary.scripts, "script"), (summary.jobs.count, "job"), (summary.fires, "fire"),
      (summary.runs, "run"),
    ]
    let faults = [(summary.outages, "outage"), (summary.clockSteps, "clock step")]
    let words = (counts + faults.filter { $0.0 > 0 }).map(ShortText.counted)
    return [
      "\(start.iso(in: zone)) to \(end.iso(in: zone)), \(zone.name)",
      words.joined(separator: ", "),
    ]
  }

  // MARK: Jobs

  private func name(_ job: JobTally) -> String { "\(job.script):\(job.name)".escapingControls }

  private func shortName(_ job: JobTally) -> String { ShortText.cut(name(job), to: 36, ellipsis) }

  private var jobs: [String] {
    guard !summary.jobs.isEmpty else { return [] }
    var rows = [
      ["job", "fires", "runs", "failed", "retries", "skipped", "missed", "late p50", "max"]
    ]
    for job in summary.jobs.prefix(Self.maxJobs) {
      let counts = [job.fires, job.runs, job.failed, job.retries, job.skipped, job.missed]
      rows.append(
        [shortName(job)] + counts.map { $0 == 0 ? "-" : "\($0)" }
          + [job.lateness.median, job.lateness.max].map { $0.map(Self.length) ?? "" })
    }
    return Self.aligned(rows) + more(summary.jobs.count - Self.maxJobs)
  }

  /// A line for each row: the first column is aligned to the left, the others to the right.
  private static func aligned(_ rows: [[String]]) -> [String] {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let numbers = zip(row, widths).dropFirst().map { cell, width in
        String(repeating: " ", count: width - cell.count) + cell
      }
      return ([ShortText.padded(row[0], to: widths[0])] + numbers).joined(separator: "  ")
    }
  }

  private static func length(_ nanoseconds: Int64) -> String {
    nanoseconds == 0 ? "0" : ShortText.length(nanoseconds)
  }

  private var reasons: [String] {
    var rows: [(name: String, words: String)] = []
    for job in summary.jobs {
      rows += job.reasons.map { (shortName(job), "\($0.count) \($0.verb): \($0.text)") }
      if job.otherReasons > 0 {
        rows.append((shortName(job), "\(job.otherReasons) for other reasons"))
      }
    }
    guard !rows.isEmpty else { return [] }
    let shown = rows.prefix(Self.maxReasons)
    let width = shown.map(\.name.count).max() ?? 0
    let lines = shown.map { cut("  \(ShortText.padded($0.name, to: width))  \($0.words)") }
    return ["Not run, or not to the end:"] + lines + more(rows.count - Self.maxReasons)
  }

  // MARK: Load

  private var busy: [String] {
    guard let minute = summary.load.busiestMinute else { return [] }
    var lines = [
      "Busiest minute: \(minute.time.iso(in: zone)), with \(ShortText.counted(minute.starts, "start"))"
    ]
    let collisions = summary.load.collisions
    guard collisions > 0 else { return lines }
    lines.append(
      "Collisions: \(ShortText.counted(collisions, "instant")) at which two or more jobs start; the worst:"
    )
    return lines
      + summary.load.worst.map { collision in
        let names = collision.jobs.prefix(4).map { name(summary.jobs[$0]) }
        let rest = collision.jobs.count - names.count
        return cut(
          "  \(collision.time.iso(in: zone))  \(collision.jobs.count) jobs: "
            + (names + (rest > 0 ? ["\(rest) more"] : [])).joined(separator: ", "))
      }
  }

  private var density: [String] {
    guard let peak = summary.density.peak else { return [] }
    let hour = peak.hour < 10 ? "0\(peak.hour)" : "\(peak.hour)"
    return [
      "Starts by weekday and hour; most: \(peak.count) on \(DensityMap.days[peak.day]) from \(hour):00"
    ] + summary.density.lines(isASCII: isASCII)
  }

  // MARK: Errors

  private var errors: [String] {
    let found = summary.errors.byCount
    guard !found.isEmpty else { return [] }
    return ["Errors:"]
      + found.prefix(Self.maxErrors).flatMap { error in
        [
          cut(
            "  \(error.count) x \(error.source.escapingControls), first at \(error.first.iso(in: zone))"
          )
        ] + wrapped(error.message, indent: 6)
      } + more(found.count + summary.errors.others - Self.maxErrors)
  }

  /// Breaks a text at spaces into at most three lines.
  private func wrapped(_ text: String, indent: Int) -> [String] {
    let margin = String(repeating: " ", count: indent)
    var lines = [margin]
    for word in text.split(separator: " ") {
      let isFirst = lines[lines.count - 1] == margin
      let isFull = lines[lines.count - 1].count + word.count >= Self.width
      if isFull, !isFirst, lines.count < 3 { lines.append(margin) }
      lines[lines.count - 1] += lines[lines.count - 1] == margin ? word : " " + word
    }
    return lines.map(cut)
  }

  private func cut(_ line: String) -> String {
    ShortText.cut(line, to: Self.width, ellipsis)
  }

  private func more(_ count: Int) -> [String] { count > 0 ? ["  and \(count) more"] : [] }
}
