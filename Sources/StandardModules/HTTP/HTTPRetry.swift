import ModuleKit
import MoonwheelModel
import ScriptHost
import Transfers
import Triggers

/// When a request is sent again.
struct HTTPRetry: Sendable {
  let policy: RetryPolicy

  /// The longest that a server can ask to wait, in nanoseconds.
  static let longestWish: Int64 = 60_000_000_000

  /// Nil if it is to be sent once. `headers` of a request that may be sent twice have a key for that.
  init?(_ options: HTTPOptions, method: String, _ headers: [TransferHeader]) throws(Mistake) {
    guard let value = options["retry"], value != .bool(false) else { return nil }
    let parts = value.pairs ?? ["max": value]
    for key in parts.keys.sorted(by: { $0.described < $1.described })
    where !["max", "from", "to", "factor", "jitter"].contains(key.text) {
      throw options.mistake(
        "retry has no part \(key.described); it has max, from, to, factor and jitter")
    }
    guard let most = (parts["max"] ?? .nil).int, (0...100).contains(most) else {
      throw options.mistake(
        "retry is how many more attempts there are, from 0 to 100, or { max = 3, from = \"1s\", to = \"1m\", factor = 2, jitter = 0.1 }"
      )
    }
    guard most > 0 else { return nil }
    guard Self.isRepeatable(method, headers) else {
      throw options.mistake(
        "a \(method) is not sent twice unasked: give it a header Idempotency-Key, which the server must know, or leave retry out"
      )
    }
    var policy = RetryPolicy(max: Int(most), to: Self.longestWish)
    if let from = parts["from"] {
      policy.from = try LuaAPI.duration(from, "\(options.word): retry.from")
    }
    if let to = parts["to"] { policy.to = try LuaAPI.duration(to, "\(options.word): retry.to") }
    policy.to = max(policy.to, policy.from)
    policy.factor = try Self.number("factor", parts, 1...1_000, options) ?? policy.factor
    policy.jitter = try Self.number("jitter", parts, 0...1, options) ?? policy.jitter
    self.policy = policy
  }

  private static func number(
    _ name: String, _ parts: [Value: Value], _ range: ClosedRange<Double>, _ options: HTTPOptions
  ) throws(Mistake) -> Double? {
    guard let value = parts[.string(name)] else { return nil }
    guard let number = value.double, range.contains(number) else {
      throw options.mistake(
        "retry.\(name) must be a number from \(Int(range.lowerBound)) to \(Int(range.upperBound)), not \(value.described)"
      )
    }
    return number
  }

  private static func isRepeatable(_ method: String, _ headers: [TransferHeader]) -> Bool {
    ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"].contains(method)
      || headers.contains { $0.name.lowercased() == "idempotency-key" }
  }

  /// Nanoseconds before the next attempt; nil if there is none.
  func delay(after attempt: Int, _ result: TransferResult, now: Timestamp) -> Int64? {
    guard attempt <= policy.max else { return nil }
    let own = policy.delay(after: Int32(attempt), ofRun: now.nanoseconds, of: "http")
    switch result {
    case .failure(let failure): return [.connect, .timeout].contains(failure.code) ? own : nil
    case .success(let response):
      guard [429, 502, 503, 504].contains(response.status) else { return nil }
      guard let wish = Self.wish(HeadLines(response.head), now) else { return own }
      return wish <= Self.longestWish ? max(wish, 0) : nil
    }
  }

  /// What the server asks for, in nanoseconds; nil if it asks for nothing.
  private static func wish(_ head: HeadLines, _ now: Timestamp) -> Int64? {
    guard let text = head.first("retry-after") else { return nil }
    if let seconds = Int64(text), seconds >= 0 { return min(seconds, 1 << 32) * 1_000_000_000 }
    return HTTPDate.parse(text).map { ($0 - now.seconds) * 1_000_000_000 }
  }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
enum HTTPDate {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Seconds since 1970; nil for other texts.
  static func parse(_ text: String) -> Int64? {
    let words = text.split(separator: " ")
    guard words.count == 6, words[5] == "GMT", let day = Int64(words[1]), (1...31).contains(day),
      let month = months.firstIndex(of: String(words[2])), let year = Int64(words[3]),
      (1970...9999).contains(year)
    else { return nil }
    let time = words[4].split(separator: ":").compactMap { Int64($0) }
    guard time.count == 3, (0...23).contains(time[0]), (0...59).contains(time[1]),
      (0...60).contains(time[2])
    else { return nil }
    let days = CivilDate.days(year, Int64(month) + 1, day)
    return ((days * 24 + time[0]) * 60 + time[1]) * 60 + time[2]
  }
}

/// Dates of the Gregorian calendar.
enum CivilDate {
  /// Days since 1970-01-01.
  static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let ofEra = shifted - era * 400
    let ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
  }

  static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let ofEra = shifted - era * 146_097
    let year = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
    let ofYear = ofEra - (365 * year + year / 4 - year / 100)
    let part = (5 * ofYear + 2) / 153
    let month = part < 10 ? part + 3 : part - 9
    return (year + era * 400 + (month <= 2 ? 1 : 0), month, ofYear - (153 * part + 2) / 5 + 1)
  }
}
