import JSON
import Triggers

/// A question about the fires of a trigger: the flags of `next`, or a JSON object with the same names.
package struct FireQuery {
  package var spec: String
  package var timeZone: String?
  package var from: String?
  package var count: Int?
  package var gap: String?
  package var fold: String?
  package var name: String?
  package var till: String?
  /// Degrees north and east, for the sun.
  package var latitude: Double?
  package var longitude: Double?

  package init(
    spec: String, from: String? = nil, count: Int? = nil, gap: String? = nil, fold: String? = nil,
    latitude: Double? = nil, longitude: Double? = nil
  ) {
    self.spec = spec
    self.from = from
    self.count = count
    self.gap = gap
    self.fold = fold
    self.latitude = latitude
    self.longitude = longitude
  }
}

extension FireQuery {
  /// Reads an object with the keys `spec`, `tz`, `from`, `n`, `gap`, `fold`, `name`, `till`, `lat` and `lon`.
  ///
  /// Only `spec` is required. Null counts as missing, and other keys are ignored.
  package init(_ json: JSONValue) throws(ReportError) {
    guard case .object = json else { throw Self.refusal("it is not an object") }
    guard let spec = try Self.text("spec", json) else { throw Self.refusal("\"spec\" is missing") }
    self.spec = spec
    timeZone = try Self.text("tz", json)
    from = try Self.text("from", json)
    count = try Self.count("n", json)
    gap = try Self.text("gap", json)
    fold = try Self.text("fold", json)
    name = try Self.text("name", json)
    till = try Self.text("till", json)
    latitude = try Self.number("lat", json)
    longitude = try Self.number("lon", json)
  }

  /// Reads a line of text that is such an object.
  package init(line: String) throws(ReportError) {
    let json: JSONValue
    do { json = try JSONReader.read(line) } catch {
      throw Self.refusal("column \(error.column): \(error.message)")
    }
    try self.init(json)
  }

  private static func refusal(_ problem: String) -> ReportError {
    ReportError(
      .badRequest,
      "not a request: \(problem); write {\"spec\":\"cron */5 * * * *\"}, a JSON object a line")
  }

  private static func mismatch(_ key: String, _ kind: String) -> ReportError {
    ReportError(.badRequest, "not a request: \"\(key)\" must be a \(kind)")
  }

  /// The value of a key; nil if it is missing or null.
  private static func member(_ key: String, _ json: JSONValue) -> JSONValue? {
    json[key].flatMap { $0.isNull ? nil : $0 }
  }

  private static func text(_ key: String, _ json: JSONValue) throws(ReportError) -> String? {
    switch member(key, json) {
    case nil: return nil
    case .string(let text): return text
    default: throw mismatch(key, "text")
    }
  }

  private static func number(_ key: String, _ json: JSONValue) throws(ReportError) -> Double? {
    switch member(key, json) {
    case nil: return nil
    case .integer(let integer): return Double(integer)
    case .number(let number): return number
    default: throw mismatch(key, "number")
    }
  }

  private static func count(_ key: String, _ json: JSONValue) throws(ReportError) -> Int? {
    switch member(key, json) {
    case nil: return nil
    case .integer(let integer): return Int(integer)
    case .number(let number):
      guard let integer = Int(exactly: number) else { fallthrough }
      return integer
    default: throw mismatch(key, "whole number")
    }
  }
}
