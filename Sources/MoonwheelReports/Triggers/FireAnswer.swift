import JSON
import Moonwheel
import SystemZones
import Triggers

/// Answers questions about the fires of triggers.
package struct FireAnswer {
  /// A query after reading, without its spec.
  package struct Scope {
    package let options: TriggerOptions
    package let count: Int
    package let till: Timestamp?

    package var from: Timestamp { options.now }

    /// The instant after which it looks.
    package var start: String { from.iso(in: options.zone) }

    /// The fires in ISO 8601, in the zone of the query.
    package func fires(of trigger: Trigger) -> [String] {
      trigger.fires(after: from, through: till ?? .distantFuture, anchor: from, most: count)
        .map { $0.iso(in: options.zone) }
    }
  }

  private let timeZone: String?

  /// - Parameter timeZone: the zone of queries that name none; nil means the system's zone.
  package init(timeZone: String?) { self.timeZone = timeZone }

  /// Answers a line with `{"next":[...]}`, or with `{"error":"..."}`, which has a `column` if the spec is wrong.
  package func object(forLine line: String, now: Timestamp) -> JSONValue {
    let query: FireQuery
    do { query = try FireQuery(line: line) } catch {
      return .object([("error", .string(error.description))])
    }
    do throws(TriggerError) {
      let scope = try scope(of: query, now: now)
      let trigger = try Trigger.parse(spec: query.spec, scope.options)
      return .object([("next", .array(scope.fires(of: trigger).map { .string($0) }))])
    } catch {
      let column = error.column.map { [("column", JSONValue.integer(Int64($0)))] } ?? []
      return .object([("error", .string(error.message))] + column)
    }
  }

  package func scope(of query: FireQuery, now: Timestamp) throws(TriggerError) -> Scope {
    let count = query.count ?? 5
    guard (0...100_000).contains(count) else {
      throw TriggerError(.outOfRange, "n must be from 0 to 100000, not \(count)")
    }
    let zone = try SystemZones.shared.zone(orDefault: query.timeZone ?? timeZone)
    var options = TriggerOptions(
      zone: zone, gap: try choice(query.gap, "gap"), fold: try choice(query.fold, "fold"),
      hashKey: query.name ?? "", now: now, latitude: query.latitude, longitude: query.longitude)
    if let from = query.from { options.now = try Self.instant(from, "from", options) }
    let till = try query.till.map { (text) throws(TriggerError) in
      try Self.instant(text, "till", options)
    }
    return Scope(options: options, count: count, till: till)
  }

  /// An error has no column, since users would read it as a column of the spec.
  private static func instant(
    _ text: String, _ name: String, _ options: TriggerOptions
  ) throws(TriggerError) -> Timestamp {
    do { return try Timestamp(text, options, word: name) } catch {
      throw TriggerError(error.code, error.message, hint: error.hint)
    }
  }

  private func choice<T: RawRepresentable & CaseIterable>(
    _ text: String?, _ name: String
  ) throws(TriggerError) -> T? where T.RawValue == String {
    guard let text else { return nil }
    guard let choice = T(rawValue: text) else {
      let all = T.allCases.map(\.rawValue).joined(separator: ", ")
      throw TriggerError(.syntax, "\(name) must be one of \(all), not \"\(text)\"")
    }
    return choice
  }
}
