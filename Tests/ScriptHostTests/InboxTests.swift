import MoonwheelModel
import SchedulerCore
import Testing

@testable import ScriptHost

/// Which posts to the inbox wake the timekeeper's thread, and which may wait. Times are elapsed nanoseconds.
@Suite struct InboxTests {
  private let inbox: Inbox

  init() throws { inbox = try Inbox() }

  private static let park = ParkID(
    generation: GenerationID(rawValue: 1), coroutine: 1, serial: 1)

  private func take() -> Bool {
    var items: [Inbox.Item] = []
    var reports: [RunEnds] = []
    return inbox.drain(into: &items, atMost: 100, reports: &reports)
  }

  private func rest(until deadline: Int64?) -> String {
    switch inbox.extendSleep(until: deadline, wantsReports: false) {
    case .asleep: "asleep"
    case .mustWake: "to be woken"
    case .more(.everything): "everything"
    case .more(.reports): "reports"
    case .more(.spin): "spin"
    }
  }

  @Test func `a worker that steps the core does not sleep past a wait that begins meanwhile`() {
    #expect(inbox.fallAsleep(until: 1_000, wantsReports: false))
    #expect(take())
    // The wake-up at 1,000 would be early enough for the wait, but the step for it is already under way.
    #expect(!inbox.park(Self.park, until: 1_050))
    #expect(rest(until: 2_000) == "everything")
    #expect(take())
    #expect(rest(until: 1_050) == "asleep")
  }

  @Test func `a step that takes only reports does not sleep past a wait`() {
    #expect(inbox.fallAsleep(until: 30, wantsReports: true))
    #expect(!inbox.park(Self.park, until: 36))
    var reports: [RunEnds] = []
    inbox.drain(reports: &reports)
    #expect(rest(until: 50) == "everything")
  }

  @Test func `a wait that ends after the next wake-up wakes no thread`() {
    #expect(inbox.fallAsleep(until: 1_000, wantsReports: false))
    #expect(!inbox.park(Self.park, until: 1_050))
    #expect(rest(until: 1_000) == "asleep")
    #expect(inbox.park(Self.park, until: 999))
  }

  @Test func `the timekeeper's thread does not sleep past a wait that begins meanwhile`() {
    #expect(inbox.fallAsleep(until: 1_000, wantsReports: false))
    #expect(!inbox.park(Self.park, until: 1_050))
    #expect(!inbox.fallAsleep(until: 2_000, wantsReports: false))
  }

  private static let ends = RunEnds()

  private func post(by deadline: Int64) -> String {
    switch inbox.post(reports: [Self.ends], by: deadline) {
    case nil: "nothing"
    case .everything: "everything"
    case .reports: "reports"
    case .spin: "spin"
    }
  }

  @Test
  func `an end of a run wakes the timekeeper's thread only if that would sleep past its time`() {
    #expect(inbox.fallAsleep(until: nil, wantsReports: false))
    #expect(post(by: 1_000) == "reports")
    #expect(take())
    #expect(rest(until: 1_000) == "asleep")
    #expect(post(by: 1_000) == "nothing")
    #expect(post(by: 999) == "reports")
  }

  @Test
  func `a worker that steps the core does not sleep past an end of a run that comes meanwhile`() {
    #expect(inbox.fallAsleep(until: 1_000, wantsReports: false))
    #expect(take())
    #expect(post(by: 1_050) == "nothing")
    #expect(rest(until: 2_000) == "reports")
    var reports: [RunEnds] = []
    inbox.drain(reports: &reports)
    #expect(reports.count == 1)
    #expect(rest(until: 2_000) == "asleep")
  }

  @Test func `the timekeeper's thread does not sleep past an end of a run that comes meanwhile`() {
    #expect(inbox.fallAsleep(until: 1_000, wantsReports: false))
    #expect(post(by: 1_050) == "nothing")
    #expect(!inbox.fallAsleep(until: nil, wantsReports: false))
    #expect(post(by: 1_060) == "nothing", "the thread is awake")
    #expect(take())
    #expect(inbox.fallAsleep(until: nil, wantsReports: false))
  }

  @Test func `an end of a run that something waits for wakes the thread at once`() {
    #expect(inbox.fallAsleep(until: 10, wantsReports: true))
    #expect(post(by: 1_000) == "reports")
    #expect(post(by: 1_000) == "spin")
  }

  @Test func `a worker leaves a command for all jobs of a script to the timekeeper's thread`() {
    #expect(inbox.fallAsleep(until: nil, wantsReports: false))
    inbox.post(.pauseScript(ScriptID(rawValue: 1), true))
    #expect(!take())
    var items: [Inbox.Item] = []
    var reports: [RunEnds] = []
    inbox.drain(into: &items, reports: &reports)
    #expect(items.count == 1)
    inbox.post(.unpark(Self.park))
    #expect(take())
  }
}
