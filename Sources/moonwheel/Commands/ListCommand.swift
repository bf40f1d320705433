import MoonwheelModel
import ArgumentParser
import Moonwheel

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists the jobs that scripts register; exit 1 if one does not load.")

  @OptionGroup var scripts: ScriptOptions

  @Flag(help: "One JSON array.")
  var json = false

  func run() throws {
    let inspection = try scripts.inspect()
    if json {
      say(JSONText.array(inspection.jobs.map(\.json)).description)
    } else {
      for job in inspection.jobs {
        say("\(job.script):\(job.line)\t\(job.name)\t\(job.words)\(job.nextText)")
      }
    }
    for error in inspection.errors { complain("error: \(error.message)") }
    guard inspection.errors.isEmpty else { throw ExitCode(1) }
  }
}

extension JobDescription {
  fileprivate var json: JSONText {
    .object([
      ("script", .string(script)), ("line", .integer(line)), ("name", .string(name)),
      ("trigger", .string(trigger)), ("words", .string(words)),
      ("tz", timeZone.map { .string($0.name) } ?? .null),
      ("next", next.map { .string($0.iso(in: zone)) } ?? .null),
      ("tags", .array(tags.map { .string($0) })), ("options", options),
    ])
  }

  /// What differs from the defaults.
  private var options: JSONText {
    let standard = JobPolicy()
    var pairs: [(String, JSONText)] = []
    if policy.overlap != standard.overlap {
      pairs.append(("overlap", .string(policy.overlap.rawValue)))
    }
    if policy.queue != standard.queue { pairs.append(("queue", .integer(policy.queue))) }
    if policy.maxInstances != standard.maxInstances {
      pairs.append(("max_instances", .integer(policy.maxInstances)))
    }
    if policy.limits.soft != standard.limits.soft {
      pairs.append(("timeout", length(policy.limits.soft)))
    }
    if policy.limits.cpu != standard.limits.cpu { pairs.append(("cpu", length(policy.limits.cpu))) }
    if policy.fixedDelay { pairs.append(("fixed_delay", .bool(true))) }
    if policy.now { pairs.append(("now", .bool(true))) }
    if policy.paused { pairs.append(("paused", .bool(true))) }
    if policy.priority != 0 { pairs.append(("priority", .integer(policy.priority))) }
    return .object(pairs + window)
  }

  private var window: [(String, JSONText)] {
    let window = policy.window
    var pairs: [(String, JSONText)] = []
    let from = window.from.map(instant) ?? window.fromAfter.map(length)
    let till = window.till.map(instant) ?? window.tillAfter.map(length)
    if let from { pairs.append(("from", from)) }
    if let till { pairs.append(("till", till)) }
    if let times = window.times { pairs.append(("times", .integer(Int(times)))) }
    if window.jitter > 0 { pairs.append(("jitter", length(window.jitter))) }
    return pairs
  }

  private func instant(_ instant: Timestamp) -> JSONText { .string(instant.iso(in: zone)) }

  /// As a script would write it; false is none.
  private func length(_ nanoseconds: Int64) -> JSONText {
    nanoseconds == .max ? .bool(false) : .string(DurationText.format(nanoseconds))
  }
}
