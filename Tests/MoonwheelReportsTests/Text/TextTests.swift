import JobHistory
import Testing

@testable import MoonwheelReports

@Suite struct TextTests {
  @Test(arguments: [
    ("run D1DND5J000001 stands", "run ... stands"), ("D1DND5J000001", "..."),
    ("xD1DND5J000001", "xD1DND5J000001"), ("ABCDEFGHJKMNP", "ABCDEFGHJKMNP"), ("short", "short"),
    ("d1dnd5j000001", "d1dnd5j000001"),
  ])
  func `ids of runs are masked`(text: String, without: String) {
    #expect(text.maskingRunIDs == without)
  }

  @Test(
    arguments: [
      (-5, "0us"), (999, "0us"), (40_500, "40us"), (999_999, "999us"), (1_000_000, "1ms"),
      (3_140_000, "3.1ms"), (9_960_000, "10ms"), (312_400_000, "312ms"), (1_200_000_000, "1.2s"),
      (59_900_000_000, "60s"), (60_000_000_000, "1m"), (123_900_000_000, "2m3s"),
      (.max, "106751d23h47m16s"),
    ] as [(Int64, String)])
  func `a length has two or three digits`(nanoseconds: Int64, text: String) {
    #expect(ShortText.length(nanoseconds) == text)
  }

  @Test(arguments: [
    ("tab\there", "tab\there"), ("\u{1b}[2J\n", "\\u{1b}[2J\\u{a}"), ("é 😀", "é 😀"),
    ("\u{202e}\u{2066}\u{9b}\u{7f}", "\\u{202e}\\u{2066}\\u{9b}\\u{7f}"), ("", ""),
  ])
  func `control characters are escaped`(text: String, shown: String) {
    #expect(text.escapingControls == shown)
  }

  @Test(arguments: [("a\nb", "a"), ("\n\na\r\nb", "a\\u{d}"), ("", ""), ("\n", "")])
  func `the first line that is not empty is found`(text: String, line: String) {
    #expect(text.firstLine == line)
  }
}
