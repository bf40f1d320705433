import MoonwheelModel
import SchedulerCore
import Testing

@testable import ScriptHost

/// Which posts to the inbox lead to a step of the core, and which may wait. Times are elapsed nanoseconds.
@Suite struct TimekeeperWakeUpTests {
  private let inbox: Inbox

  init() throws { inbox = try Inbox() }

  private static let park = ParkID(
    generation: GenerationID(rawValue: 1), coroutine: 1, serial: 1)

  private func take(atMost most: Int = 100) -> Bool {
    var items: [Inbox.Item] = []
    var reports: [RunEnds] = []
    return inbox.drain(into: &items, reports: &reports, atMost: most)
  }

  private func rest(until deadline: Int64?, wantsReports: Bool = false) -> Bool {
    inbox.rest(until: deadline, wantsReports: wantsReports)
  }

  @Test func `a step is followed by another for a wait that begins meanwhile`() {
    #expect(rest(until: 1_000))
    #expect(take())
    // The wake-up at 1,000 would be early enough for the wait, but the step for it is already under way.
    #expect(!inbox.park(Self.park, until: 1_050))
    #expect(!rest(until: 2_000))
    #expect(take())
    #expect(rest(until: 1_050))
  }

  @Test func `a step that takes only reports does not sleep past a wait`() {
    #expect(rest(until: 30, wantsReports: true))
    #expect(!inbox.park(Self.park, until: 36))
    var reports: [RunEnds] = []
    inbox.drain(reports: &reports)
    #expect(!rest(until: 50))
  }

  @Test func `a wait that ends after the next wake-up wakes no thread`() {
    #expect(rest(until: 1_000))
    #expect(!inbox.park(Self.park, until: 1_050))
    #expect(rest(until: 1_000))
    #expect(inbox.park(Self.park, until: 999))
    #expect(inbox.flush())
    #expect(!inbox.flush(), "the first caller steps the core")
  }

  private static let ends = RunEnds()

  private func post(by deadline: Int64) -> Bool {
    inbox.post(reports: [Self.ends], by: deadline)
  }

  @Test func `an end of a run leads to a step only if the next one would be too late`() {
    #expect(rest(until: nil))
    #expect(post(by: 1_000))
    #expect(take())
    #expect(rest(until: 1_000))
    #expect(!post(by: 1_000))
    #expect(post(by: 999))
  }

  @Test func `a step is followed by another for an end of a run that comes meanwhile`() {
    #expect(rest(until: 1_000))
    #expect(!post(by: 1_050))
    #expect(take())
    #expect(!post(by: 1_060), "the core is stepped")
    #expect(!rest(until: nil))
    var items: [Inbox.Item] = []
    var reports: [RunEnds] = []
    #expect(inbox.drain(into: &items, reports: &reports))
    #expect(reports.count == 1)
    #expect(rest(until: 2_000))
  }

  @Test func `an end of a run that something waits for leads to a step at once`() {
    #expect(rest(until: 10, wantsReports: true))
    #expect(post(by: 1_000))
    #expect(inbox.flush())
    #expect(!post(by: 1_000), "the core is stepped")
    #expect(!rest(until: 10, wantsReports: true))
  }

  @Test func `a deferred event leads to a step when it is flushed`() {
    #expect(rest(until: 10))
    inbox.postDeferred(.unpark(Self.park))
    #expect(rest(until: 10), "no thread steps the core in vain meanwhile")
    #expect(inbox.flush())
    #expect(!inbox.flush())
  }

  @Test func `a worker leaves a command for all jobs of a script to the timekeeper's thread`() {
    #expect(rest(until: nil))
    inbox.post(.pauseScript(ScriptID(rawValue: 1), true))
    #expect(!take())
    #expect(!rest(until: nil))
    var items: [Inbox.Item] = []
    var reports: [RunEnds] = []
    #expect(inbox.drain(into: &items, reports: &reports))
    #expect(items.count == 1)
    inbox.post(.unpark(Self.park))
    #expect(take())
  }

  @Test func `a worker leaves more than a little to the timekeeper's thread`() {
    inbox.post([.input(.unpark(Self.park)), .input(.unpark(Self.park))])
    #expect(!take(atMost: 1))
    #expect(take(atMost: 2))
    #expect(inbox.isEmpty)
  }
}
