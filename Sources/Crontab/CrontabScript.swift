/// The script that does what a crontab did: a comment on each line that needs one, and a call of `cron` for each job.
package struct CrontabScript: Sendable {
  package private(set) var text = ""
  package private(set) var jobCount = 0
  /// How many remarks stand above jobs.
  package private(set) var remarkCount = 0

  /// A job with what holds for it.
  struct Job {
    var job: CrontabJob
    var name: String
    var environment: CrontabEnvironment
    var remarks: [String]

    var lua: String {
      var options = "name = \(LuaText.literal(name))"
      if let zone = environment.zone { options += ", tz = \(LuaText.literal(zone))" }
      if environment.delay > 0 { options += ", jitter = \"\(environment.delay)m\"" }
      return "cron(\(LuaText.literal(job.spec)), { \(options) }, "
    }
  }

  private enum Piece {
    case blank
    case comment(String)
    case job(Job)
  }

  /// - Parameter source: where the crontab is from, as in `/etc/crontab`.
  package init(_ crontab: Crontab, from source: String) {
    let pieces = Self.pieces(crontab)
    let jobs = pieces.compactMap { if case .job(let job) = $0 { job } else { nil } }
    let helper = CrontabHelper(jobs)
    jobCount = jobs.count
    remarkCount = jobs.reduce(0) { $0 + $1.remarks.count }
    var lines = Self.heading(source, crontab) + helper.lines + [""]
    var current = helper.first
    for piece in pieces {
      switch piece {
      case .blank: if lines.last != "" { lines.append("") }
      case .comment(let text):
        let line = LuaText.comment(text)
        // The frame of a comment of which the rest is left out.
        if line != "--" || lines.last?.hasPrefix("--") == true { lines.append(line) }
      case .job(let job):
        lines += job.remarks.map { LuaText.comment("note: " + $0) }
        lines += helper.assignments(from: current, to: job.environment)
        current = job.environment
        lines.append(job.lua + helper.call(job.job) + ")")
      }
    }
    while lines.last == "" { lines.removeLast() }
    text = lines.joined(separator: "\n") + "\n"
  }

  private static func heading(_ source: String, _ crontab: Crontab) -> [String] {
    var lines = [
      LuaText.comment(
        "Taken over from \(source) by \"moonwheel import crontab\". From here on, this is what to edit."
      ),
      "--",
      "-- A job does not start while its run before goes on; cron would start it (overlap = \"allow\"). What a line prints is in",
      "-- the log of its run: moonwheel runs. docs/coming-from-cron.md tells what else differs.",
    ]
    if crontab.hasCarriageReturns {
      lines.append("-- Its lines ended as on Windows, with which no cron would have run them.")
    }
    return lines + [""]
  }

  private static func pieces(_ crontab: Crontab) -> [Piece] {
    var environment = CrontabEnvironment()
    var names = JobNames()
    var pieces: [Piece] = []
    for line in crontab.lines {
      switch line.content {
      case .blank: pieces.append(.blank)
      case .comment(let text):
        if !CrontabBoilerplate.contains(text) { pieces.append(.comment(text)) }
      case .setting(let setting):
        if let remark = environment.apply(setting) { pieces.append(.comment("note: " + remark)) }
      case .refused(let why):
        pieces.append(.comment("NOT TAKEN OVER, line \(line.number): \(why)"))
        pieces.append(.comment("  " + line.text))
      case .job(var job):
        let remarks = CommandRemarks(job)
        job.command = remarks.command
        let name = names.name(of: job.command, line: line.number)
        pieces.append(
          .job(Job(job: job, name: name, environment: environment, remarks: remarks.remarks)))
      }
    }
    return pieces
  }
}
