import Glibc
import Testing
import Triggers

@testable import ScriptHost

/// `date` and the `os.date` of simulations against the C library's `strftime`.
struct DateFormatTests {
  private static let conversions =
    "Y y m d H I M S p A a B b h c x C e j u w V G g U W n t F T X R D r s %"

  @Test func `each conversion gives what the C library gives, over 60 years`() throws {
    let format = Self.conversions.split(separator: " ").map { "%\($0)" }.joined(separator: "|")
    for day in stride(from: Int64(-3_650), through: 18_250, by: 1) {
      let second = day * 86_400 + 54_321
      let expected = Self.strftime(format, second)
      let found = try DateFormat(format).text(Timestamp(seconds: second), .utc)
      try #require(found == expected, "day \(day)")
    }
  }

  private static func strftime(_ format: String, _ second: Int64) -> String {
    var time = Int(second)
    var date = unsafe tm()
    var text = [CChar](repeating: 0, count: 1_000)
    unsafe gmtime_r(&time, &date)
    let count = unsafe Glibc.strftime(&text, text.count, format, &date)
    return String(decoding: text.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
