import MoonwheelModel
import SchedulerCore
import Testing

@testable import Moonwheel
@testable import SchedulerEngine
@testable import ScriptHost

/// What may wait in the inbox, and until when. Times are elapsed nanoseconds.
@Suite struct InboxTests {
  private let inbox: Inbox

  init() throws { inbox = try Inbox() }

  private static let park = ParkID(
    generation: GenerationID(rawValue: 1), coroutine: 1, serial: 1)

  private func take() -> Bool {
    var items: [Inbox.Item] = []
    var reports: [RunReports] = []
    return inbox.drain(into: &items, atMost: 100, reports: &reports)
  }

  private func rest(until deadline: Int64?) -> String {
    switch inbox.extendSleep(until: deadline, wantsReports: false) {
    case .asleep: "asleep"
    case .mustWake: "to be woken"
    case .more(.everything): "everything"
    case .more(.reports): "reports"
    case .more(.spin): "company"
    }
  }

  @Test func `a wait that begins while somebody stands in is not slept past`() {
    #expect(inbox.fallAsleep(until: 1_000, wantsReports: false))
    #expect(take())
    // Somebody was to wake at 1,000, so that there is time enough; but it is the step for that which is under way.
    #expect(!inbox.park(Self.park, until: 1_050))
    #expect(rest(until: 2_000) == "everything")
    #expect(take())
    #expect(rest(until: 1_050) == "asleep")
  }

  @Test func `who looks at reports alone does not sleep past a wait`() {
    #expect(inbox.fallAsleep(until: 30, wantsReports: true))
    #expect(!inbox.park(Self.park, until: 36))
    var reports: [RunReports] = []
    inbox.drain(reports: &reports)
    #expect(rest(until: 50) == "everything")
  }

  @Test func `a wait that ends later than somebody wakes need wake nobody`() {
    #expect(inbox.fallAsleep(until: 1_000, wantsReports: false))
    #expect(!inbox.park(Self.park, until: 1_050))
    #expect(rest(until: 1_000) == "asleep")
    #expect(inbox.park(Self.park, until: 999))
  }

  @Test func `the timekeeper's thread does not sleep past one either`() {
    #expect(inbox.fallAsleep(until: 1_000, wantsReports: false))
    #expect(!inbox.park(Self.park, until: 1_050))
    #expect(!inbox.fallAsleep(until: 2_000, wantsReports: false))
  }

  private static let ends = RunReports.each([])

  private func post(by deadline: Int64) -> String {
    switch inbox.post(reports: [Self.ends], by: deadline) {
    case nil: "nothing"
    case .everything: "everything"
    case .reports: "reports"
    case .spin: "company"
    }
  }

  @Test func `ends of runs wake who would sleep past their time, and nobody else`() {
    #expect(inbox.fallAsleep(until: nil, wantsReports: false))
    #expect(post(by: 1_000) == "reports")
    #expect(take())
    #expect(rest(until: 1_000) == "asleep")
    #expect(post(by: 1_000) == "nothing")
    #expect(post(by: 999) == "reports")
  }

  @Test func `ends of runs that come while somebody stands in are not slept past`() {
    #expect(inbox.fallAsleep(until: 1_000, wantsReports: false))
    #expect(take())
    #expect(post(by: 1_050) == "nothing")
    #expect(rest(until: 2_000) == "reports")
    var reports: [RunReports] = []
    inbox.drain(reports: &reports)
    #expect(reports.count == 1)
    #expect(rest(until: 2_000) == "asleep")
  }

  @Test func `the timekeeper's thread does not sleep past them either`() {
    #expect(inbox.fallAsleep(until: 1_000, wantsReports: false))
    #expect(post(by: 1_050) == "nothing")
    #expect(!inbox.fallAsleep(until: nil, wantsReports: false))
    #expect(post(by: 1_060) == "nothing", "somebody is looking")
    #expect(take())
    #expect(inbox.fallAsleep(until: nil, wantsReports: false))
  }

  @Test func `ends of runs that something waits for wake at once`() {
    #expect(inbox.fallAsleep(until: 10, wantsReports: true))
    #expect(post(by: 1_000) == "reports")
    #expect(post(by: 1_000) == "company")
  }

  @Test func `what is about all jobs of a script is left to the timekeeper's thread`() {
    #expect(inbox.fallAsleep(until: nil, wantsReports: false))
    inbox.post(.pauseScript(ScriptID(rawValue: 1), true))
    #expect(!take())
    var items: [Inbox.Item] = []
    var reports: [RunReports] = []
    inbox.drain(into: &items, reports: &reports)
    #expect(items.count == 1)
    inbox.post(.unpark(Self.park))
    #expect(take())
  }
}
