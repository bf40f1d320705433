import ArgumentParser
import FoundationEssentials
import Moonwheel

struct NextCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "next", abstract: "Shows the next fires of a trigger.")

  @Argument(help: "A trigger, as in \"cron */5 * * * *\", \"every day at 10:30\", \"at 18:00\".")
  var spec: String?

  @Option(name: .short, help: "How many fires.")
  var n = 5

  @Option(help: "The instant after which to look; now if not given.")
  var from: String?

  @Option(name: .customLong("tz"), help: "The time zone, as in Europe/Berlin (MOONWHEEL_TZ).")
  var timeZone: String?

  @Option(help: "What becomes of a time that a change of the clocks skips: after, shift or skip.")
  var gap: String?

  @Option(help: "Which pass counts of a time that comes twice: first, last or both.")
  var fold: String?

  @Flag(help: "Read requests as JSON, one a line, and answer each with a line.")
  var stdin = false

  func validate() throws {
    guard stdin || spec != nil else {
      throw ValidationError("a trigger is missing, as in: moonwheel next \"every 10s\"")
    }
  }

  func run() throws {
    let answerer = FireQuery.Answerer(timeZone: timeZone ?? environment("TZ"))
    if stdin {
      while let line = readLine() { say(answerer.answer(line: line).description) }
      return
    }
    let query = FireQuery(spec: spec ?? "", tz: timeZone, from: from, n: n, gap: gap, fold: fold)
    do {
      for fire in try answerer.fires(query) { say(fire) }
    } catch {
      throw Failure(message: "moonwheel: \(error.message)").report()
    }
  }
}

/// One request of `next --stdin`.
struct FireQuery: Decodable {
  var spec: String
  var tz: String?
  var from: String?
  var n: Int?
  var gap: String?
  var fold: String?
  var name: String?
  var till: String?
}

extension FireQuery {
  struct Answerer {
    private let zones = SystemZones()
    let timeZone: String?

    func answer(line: String) -> JSONText {
      let query: FireQuery
      do {
        query = try JSONDecoder().decode(FireQuery.self, from: Data(line.utf8))
      } catch {
        return .object([
          (
            "error",
            .string("not a request: write {\"spec\":\"cron */5 * * * *\"}, a JSON object a line")
          )
        ])
      }
      do throws(TriggerError) {
        return .object([("next", .array(try fires(query).map(JSONText.string)))])
      } catch {
        let column = error.column.map { [("column", JSONText.integer($0))] } ?? []
        return .object([("error", .string(error.message))] + column)
      }
    }

    /// ISO 8601, in the zone of the request.
    func fires(_ query: FireQuery) throws(TriggerError) -> [String] {
      let count = query.n ?? 5
      guard (0...100_000).contains(count) else {
        throw TriggerError(.outOfRange, "n must be from 0 to 100000")
      }
      let zone =
        if let name = query.tz ?? timeZone {
          try zones.zone(named: name)
        } else {
          try zones.systemDefault()
        }
      var options = TriggerOptions(
        zone: zone, gap: try choice(query.gap, "gap"), fold: try choice(query.fold, "fold"),
        hashKey: query.name ?? "", now: SystemClock().read().wall)
      let from = try query.from.map { (text) throws(TriggerError) in try instant(text, options) }
      options.now = from ?? options.now
      let till = try query.till.map { (text) throws(TriggerError) in try instant(text, options) }
      let trigger = try Trigger.parse(spec: query.spec, options)
      var fires: [String] = []
      var last = options.now
      while fires.count < count, let next = trigger.next(after: last, anchor: options.now) {
        if let till, next > till { break }
        fires.append(next.iso(in: zone))
        last = next
      }
      return fires
    }

    private func instant(_ text: String, _ options: TriggerOptions) throws(TriggerError)
      -> Timestamp
    {
      let trigger = try Trigger.at(text, options)
      guard let instant = trigger.instants?.at.first else {
        throw TriggerError(.syntax, "\"\(text)\" is not a time, as in 2026-03-28T12:00:00+01:00")
      }
      return instant
    }

    private func choice<T: RawRepresentable & CaseIterable>(
      _ text: String?, _ what: String
    ) throws(TriggerError) -> T? where T.RawValue == String {
      guard let text else { return nil }
      guard let choice = T(rawValue: text) else {
        let all = T.allCases.map(\.rawValue).joined(separator: ", ")
        throw TriggerError(.syntax, "\(what) must be one of \(all), not \"\(text)\"")
      }
      return choice
    }
  }
}
