import SystemCalls
import Testing

@Suite struct LocalTimeTests {
  @Test(arguments: [0, 1_774_695_600, -1])
  func `local time differs from UTC by less than a day`(second: Int64) {
    #expect(abs(LocalTime.offset(atSecond: second)) < 86_400)
  }
}
