import JSON
import MoonwheelModel
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

  package init(spec: String) { self.spec = spec }
}

extension FireQuery {
  /// Reads a line of text that is a JSON object with the keys `spec`, `tz`, `from`, `n`, `gap`, `fold`, `name`, `till`,
  /// `lat` and `lon`.
  ///
  /// Only `spec` is required. Null counts as missing, and other keys are ignored.
  package init(line: String) throws(ReportError) {
    let json: JSONValue
    do { json = try JSONReader.read(line) } catch {
      throw Self.refusal("column \(error.column): \(error.message)")
    }
    guard case .object = json else { throw Self.refusal("it is not an object") }
    let members = Value(json)
    guard let spec = try Self.text("spec", members) else {
      throw Self.refusal("\"spec\" is missing")
    }
    self.spec = spec
    timeZone = try Self.text("tz", members)
    from = try Self.text("from", members)
    count = try Self.member("n", members, "whole number", \.int).map { Int($0) }
    gap = try Self.text("gap", members)
    fold = try Self.text("fold", members)
    name = try Self.text("name", members)
    till = try Self.text("till", members)
    latitude = try Self.member("lat", members, "number", \.double)
    longitude = try Self.member("lon", members, "number", \.double)
  }

  private static func refusal(_ problem: String) -> ReportError {
    ReportError(
      .badRequest,
      "not a request: \(problem); write {\"spec\":\"cron */5 * * * *\"}, a JSON object a line")
  }

  private static func text(_ key: String, _ members: Value) throws(ReportError) -> String? {
    try member(key, members, "text", \.text)
  }

  /// The value of a key; nil if it is missing or null.
  private static func member<T>(
    _ key: String, _ members: Value, _ kind: String, _ read: (Value) -> T?
  ) throws(ReportError) -> T? {
    guard let member = members[key], !member.isNil else { return nil }
    guard let value = read(member) else {
      throw ReportError(.badRequest, "not a request: \"\(key)\" must be a \(kind)")
    }
    return value
  }
}
