import Foundation
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

  @Test func `every event that the docs list is known`() throws {
    let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
    let page = try String(contentsOfFile: root + "/docs/embedding.md", encoding: .utf8)
    let known = HostEventNames.all.values.flatMap { $0 }
    var count = 0
    for row in page.matches(of: /(?m)^\| ((?:`[\w.]+`,? ?)+)\|/) {
      let names = row.1.matches(of: /`([\w.]+)`/).map { String($0.1) }
      guard let kind = names.first?.split(separator: ".").first,
        ["run", "job", "script", "scheduler"].contains(kind), names[0].contains(".")
      else { continue }
      for name in names {
        let name = name.hasPrefix(".") ? kind + name : name
        #expect(known.contains(name), "\(name)")
        count += 1
      }
    }
    #expect(count > 25)
  }
}
