import Moonwheel
import Testing

@testable import MoonwheelCLI

@Suite struct LocalClockTests {
  @Test(arguments: [0, 1_774_695_600, -1])
  func `local time is less than a day off`(seconds: Int64) {
    #expect(abs(LocalClock.offset(at: Timestamp(seconds: seconds))) < 86_400)
  }
}
