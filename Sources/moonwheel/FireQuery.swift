import FoundationEssentials
import Moonwheel

/// A question about the fires of a trigger: the flags of `next`, or one line of `next --stdin`.
struct FireQuery: Decodable {
  var spec: String
  var tz: String?
  var from: String?
  var n: Int?
  var gap: String?
  var fold: String?
  var name: String?
  var till: String?
  /// Degrees north and east, for the sun.
  var lat: Double?
  var lon: Double?
}

extension FireQuery {
  /// What a query says about the circumstances; its spec is read after that.
  struct Frame {
    var options: TriggerOptions
    var count: Int
    var till: Timestamp?

    var from: Timestamp { options.now }
  }

  struct Answerer {
    private let zones = SystemZones.shared
    /// Of queries that name none; nil is the system's.
    let timeZone: String?

    func answer(line: String) -> JSONText {
      let query: FireQuery
      do {
        query = try JSONDecoder().decode(FireQuery.self, from: Data(line.utf8))
      } catch {
        return .object([("error", .string(Self.problem(error)))])
      }
      do throws(TriggerError) {
        let frame = try frame(of: query)
        let trigger = try Trigger.parse(spec: query.spec, frame.options)
        return .object([("next", .array(fires(of: trigger, frame).map(JSONText.string)))])
      } catch {
        let column = error.column.map { [("column", JSONText.integer($0))] } ?? []
        return .object([("error", .string(error.message))] + column)
      }
    }

    /// What is wrong with a line that is no request.
    private static func problem(_ error: any Error) -> String {
      let remedy = "write {\"spec\":\"cron */5 * * * *\"}, a JSON object a line"
      switch error {
      case DecodingError.keyNotFound(let key, _):
        return "not a request: \"\(key.stringValue)\" is missing; " + remedy
      case DecodingError.typeMismatch(let type, let context) where !context.codingPath.isEmpty:
        let kind = type == String.self ? "text" : type == Int.self ? "whole number" : "number"
        let key = context.codingPath.map(\.stringValue).joined()
        return "not a request: \"\(key)\" must be a \(kind)"
      default: return "not a request: " + remedy
      }
    }

    func frame(of query: FireQuery) throws(TriggerError) -> Frame {
      let count = query.n ?? 5
      guard (0...100_000).contains(count) else {
        throw TriggerError(.outOfRange, "n must be from 0 to 100000, not \(count)")
      }
      let zone =
        if let name = query.tz ?? timeZone {
          try zones.zone(named: name)
        } else {
          try zones.systemDefault()
        }
      var options = TriggerOptions(
        zone: zone, gap: try choice(query.gap, "gap"), fold: try choice(query.fold, "fold"),
        hashKey: query.name ?? "", now: SystemClock().read().wall, latitude: query.lat,
        longitude: query.lon)
      if let from = query.from { options.now = try Self.instant(from, "from", options) }
      let till = try query.till.map { (text) throws(TriggerError) in
        try Self.instant(text, "till", options)
      }
      return Frame(options: options, count: count, till: till)
    }

    /// A column of its text is none of the spec.
    private static func instant(
      _ text: String, _ name: String, _ options: TriggerOptions
    ) throws(TriggerError) -> Timestamp {
      do { return try Timestamp(text, options, word: name) } catch {
        throw TriggerError(error.code, error.message, hint: error.hint)
      }
    }

    /// ISO 8601, in the zone of the query.
    func fires(of trigger: Trigger, _ frame: Frame) -> [String] {
      var fires: [String] = []
      var last = frame.from
      while fires.count < frame.count, let next = trigger.next(after: last, anchor: frame.from) {
        if let till = frame.till, next > till { break }
        fires.append(next.iso(in: frame.options.zone))
        last = next
      }
      return fires
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
