import Logging
import Testing

@testable import MoonwheelReports

@Suite struct LogPrettyTests {
  private func text(_ record: LogRecord) -> String {
    LogPretty.text(record, offset: 3_600, hasColors: false)
  }

  @Test(
    arguments: [
      ([:], ""), (["script": "a.lua"], "a.lua  "), (["script": "a.lua", "job": "j"], "a.lua/j  "),
    ] as [(Logger.Metadata, String)])
  func `a line begins with time, level and place`(metadata: Logger.Metadata, place: String) {
    #expect(text(record("hello", .info, metadata)) == "12:00:00.123 INFO  \(place)hello")
  }

  @Test(
    arguments: [
      (.trace, "TRACE"), (.debug, "DEBUG"), (.info, "INFO "), (.notice, "NOTE "),
      (.warning, "WARN "), (.error, "ERROR"), (.critical, "FATAL"),
    ] as [(Logger.Level, String)])
  func `all levels have the same width`(level: Logger.Level, name: String) {
    #expect(text(record("m", level)) == "12:00:00.123 \(name) m")
  }

  @Test(
    arguments: [
      ("word", "word"), ("two words", #""two words""#), ("", #""""#), ("a=b", #""a=b""#),
      ("say \"hi\"", #""say \"hi\"""#), ("a\nb", #""a\nb""#), ("\u{1b}[2J", #""\u001b[2J""#),
      (.stringConvertible(1.5), "1.5"), (.array(["a", .stringConvertible(2)]), #"["a",2]"#),
      (.dictionary(["k": .stringConvertible(true)]), #"{"k":true}"#),
    ] as [(Logger.MetadataValue, String)])
  func `a field's value is quoted if necessary`(value: Logger.MetadataValue, shown: String) {
    #expect(text(record("m", .info, ["key": value])) == "12:00:00.123 INFO  m  key=\(shown)")
  }

  @Test func `lines from warning on name the run; events and payloads are left out`() {
    let metadata: Logger.Metadata = ["run": "01JX", "event": "e", "payload": "p", "a": "1"]
    #expect(text(record("m", .info, metadata)) == "12:00:00.123 INFO  m  a=1")
    #expect(text(record("m", .warning, metadata)) == "12:00:00.123 WARN  m  a=1 run=01JX")
  }

  @Test func `a traceback is indented below`() {
    #expect(
      text(record("a.lua:1: no\nstack traceback:\n\ta.lua:1: in f\n", .error, ["n": "1"])) == """
        12:00:00.123 ERROR a.lua:1: no  n=1
            stack traceback:
            \ta.lua:1: in f
        """)
  }

  @Test(arguments: ["one\ntwo", "one\r\ntwo", "one\r\ntwo\r\n\n"])
  func `both kinds of line ends are accepted`(message: String) {
    #expect(text(record(message)) == "12:00:00.123 INFO  one\n    two")
  }

  @Test(arguments: [
    ("\u{1b}[2Jgone", "\\u{1b}[2Jgone"), ("a\rb", "a\\u{d}b"), ("\u{9b}31m", "\\u{9b}31m"),
    ("\u{202e}txt", "\\u{202e}txt"), ("tab\there", "tab\there"), ("é 😀", "é 😀"),
  ])
  func `control characters of a script do not reach the terminal`(message: String, shown: String) {
    #expect(text(record(message)) == "12:00:00.123 INFO  \(shown)")
    #expect(text(record("m", .info, ["script": "\(message)"])).contains(shown))
  }

  @Test func `colors add only escape sequences`() throws {
    let record = record("m", .error, ["script": "a.lua", "k": "v"])
    let colored = LogPretty.text(record, offset: 3_600, hasColors: true)
    #expect(colored.contains("\u{1b}[31mERROR\u{1b}[0m"))
    var stripped = ""
    for (index, part) in colored.split(separator: "\u{1b}[").enumerated() {
      stripped +=
        index == 0 && !colored.hasPrefix("\u{1b}") ? part : part.drop { $0 != "m" }.dropFirst()
    }
    #expect(stripped == text(record))
  }
}
