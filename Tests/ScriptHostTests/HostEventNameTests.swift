import MoonwheelModel
import Testing

@testable import ScriptHost

struct HostEventNameTests {
  @Test(arguments: [
    ("run.suceeded", "run.succeeded"), ("run.succeded", "run.succeeded"),
    ("run.fail", "run.failed"),
    ("job.add", "job.added"), ("script.load", "script.loaded"),
    ("scheduler.start", "scheduler.started"), ("run.timedout", "run.timed_out"),
  ])
  func `a handler of a misspelt event of the host is warned of`(
    name: String, meant: String
  ) throws {
    let advice = try #require(HostEventNames.advice(try EventPattern(name)), "\(name)")
    #expect(advice.contains("\"\(meant)\""))
  }

  @Test(arguments: [
    "run.failed", "run.*", "**", "order.paid", "job.done", "jobs.added", "run.failed | run.x",
    "script.loaded", "scheduler.degraded", "job.export.finished", "run.report",
  ])
  func `other names are left alone`(name: String) throws {
    #expect(HostEventNames.advice(try EventPattern(name)) == nil)
  }
}
