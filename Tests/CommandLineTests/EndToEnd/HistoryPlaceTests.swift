import HistorySamples
import JobStore
import Layers
import Moonwheel
import SQLiteJobStore
import Testing

/// How `runs` and `why` find the store, and the zones of their times.
@Suite struct HistoryPlaceTests {
  let folder: ScriptFolder

  init() throws { folder = try ScriptFolder() }

  /// Keeps one run of `report.lua:report`, a job in New York, and one of `tick`, whose trigger has no zone.
  private func keep(_ place: String, run: UInt64) throws {
    try folder.makeFolder(place)
    try folder.write("report.lua", "", in: place)
    let store = SQLiteJobStore(path: "\(folder.path)/\(place)/.moonwheel/store.db")
    _ = try store.load()
    let trigger = "cron 0 * * * * in America/New_York, gap skip, fold both"
    try store.commit(
      [
        .job(storedJob(trigger: trigger)), .job(storedJob("tick", key: 2, trigger: "every 1h")),
        .ended(runRecord(run, at: 4)), .ended(runRecord(run + 1, at: 5, key: 2)),
        .handled(through: hour(6)),
      ], isDurable: true)
    store.close()
  }

  private func runs(in outcome: Outcome) -> [String] {
    outcome.lines.dropFirst().map { String($0.prefix(13)) }
  }

  @Test(arguments: ["jobs", "jobs/", "./jobs", "jobs/report.lua"])
  func `a folder or a script stands for its store`(place: String) throws {
    try keep("jobs", run: 16)
    try keep("more", run: 18)
    let table = try moonwheel("runs", place, in: folder)
    #expect(table.code == 0, "\(table.log)")
    #expect(runs(in: table) == ["000000000000H", "000000000000G"])
    for words in [[place, "000000000000G"], ["000000000000G", place]] {
      let page = try moonwheel(["runs"] + words, in: folder)
      #expect(page.output.hasPrefix("run 000000000000G of report.lua:report"), "\(page.log)")
    }
    for words in [[place, "report"], ["report", place], [place, "report", "2026-11-22 00:00"]] {
      let page = try moonwheel(["why"] + words, in: folder)
      #expect(page.output.contains("ran: succeeded"), "\(page.log)")
    }
  }

  @Test func `the option wins over the path`() throws {
    try keep("jobs", run: 16)
    try keep("more", run: 18)
    let table = try moonwheel("runs", "jobs", "--store", "more/.moonwheel/store.db", in: folder)
    #expect(runs(in: table) == ["000000000000K", "000000000000J"], "\(table.log)")
  }

  @Test func `the only store one level down is found, and of several none`() throws {
    try keep("jobs", run: 16)
    try folder.makeFolder("empty")
    #expect(runs(in: try moonwheel("runs", in: folder)).count == 2)
    #expect(try moonwheel("why", "report", in: folder).code == 0)
    try keep("more", run: 18)
    let outcome = try moonwheel("runs", in: folder)
    #expect(outcome.code == 64)
    #expect(
      outcome.log.contains("2 folders have a store: jobs/, more/; name one of them"),
      "\(outcome.log)")
    try keep("scripts", run: 20)
    #expect(runs(in: try moonwheel("runs", in: folder)).first == "000000000000N")
  }

  @Test func `a word without a slash is the id or the job before it is a folder`() throws {
    try keep("jobs", run: 16)
    try folder.makeFolder("000000000000G")
    try folder.makeFolder("report")
    let page = try moonwheel("runs", "000000000000G", in: folder)
    #expect(page.output.hasPrefix("run 000000000000G"), "\(page.log)")
    #expect(try moonwheel("why", "report", in: folder).code == 0)
    #expect(try moonwheel("why", "report", "2026-11-22 04:00", in: folder).code == 0)
    #expect(try moonwheel("why", "jobs", "report", "2026-11-22 04:00", in: folder).code == 0)
    for words in [["runs", "000000000000G/"], ["why", "report/", "report"]] {
      let outcome = try moonwheel(words, in: folder)
      #expect(outcome.code == 2 && outcome.log.contains("has no store in .moonwheel/store.db"))
    }
  }

  @Test(arguments: [
    (["runs", "000000000000G", "000000000000H"], 64, "is a folder of scripts or a script"),
    (["runs", "gone/"], 1, "gone/: no such script or folder"),
    (["runs", "jobs", "jobs"], 64, "\"jobs\" is not the id of a run"),
    (["why"], 64, "name the job whose fires are asked for"),
    (["why", "jobs/"], 64, "name the job of \"jobs/\" whose fires"),
    (["why", "gone/", "report"], 1, "gone/: no such script or folder"),
    (["why", "report", "09:00", "noon"], 64, "is a folder of scripts or a script"),
  ])
  func `words that fit nothing are refused`(words: [String], code: Int32, message: String) throws {
    try keep("jobs", run: 16)
    let outcome = try moonwheel(words, in: folder)
    #expect(outcome.code == code && outcome.log.contains(message), "\(outcome.log)")
  }

  @Test func `times are in the zone of the job, unless one is given`() throws {
    try keep("jobs", run: 16)
    func times(_ words: String...) throws -> [String] {
      let lines = try moonwheel(words + ["jobs/"], in: folder, environment: ["TZ": "UTC"]).lines
      return lines.compactMap { $0.firstMatch(of: /2026-11-2\dT\d\d:00:00[-+]\d\d:\d\d/) }.map {
        String($0.output)
      }
    }
    let job = "2026-11-21T23:00:00-05:00"
    let other = "2026-11-22T05:00:00+00:00"
    #expect(try times("runs") == [other, job])
    #expect(try times("runs", "000000000000G").first == job)
    #expect(try times("why", "report").first == job)
    #expect(try times("why", "tick").contains(other))
    let given = try times("runs", "--tz", "Asia/Tokyo")
    #expect(given == ["2026-11-22T14:00:00+09:00", "2026-11-22T13:00:00+09:00"])
    // JSON has one zone, that of the system.
    #expect(try times("runs", "--json").last == "2026-11-22T04:00:00+00:00")
    // A time is read as it is printed.
    #expect(try times("runs", "--job", "report", "--since", "2026-11-21 22:30") == [job])
    #expect(try times("runs", "--job", "tick", "--since", "2026-11-22 05:30").isEmpty)
    #expect(try times("why", "report", "2026-11-21 23:00").contains(job))
  }
}
