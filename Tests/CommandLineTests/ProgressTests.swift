import Testing

@testable import MoonwheelCLI

@Suite struct ProgressTests {
  @Test(arguments: [
    (0.0, 40, "[-------------]   0%"), (0.5, 40, "[######-------]  50%"),
    (2, 40, "[#############] 100%"),
    (0.5, 12, " 50%  2026-"), (0.5, 0, ""),
  ])
  func `progress fits the terminal`(share: Double, width: Int, line: String) {
    let shown = Progress.line(share: share, at: "2026-06-01T00:00", width: width)
    #expect(shown.hasPrefix(line) && shown.count < max(width, 1), "\(shown)")
  }
}
