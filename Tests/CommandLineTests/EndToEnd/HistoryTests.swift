import HistorySamples
import Layers
import Moonwheel
import SQLiteJobStore
import Testing

/// `runs` and `why` on a store without a host.
@Suite struct HistoryTests {
  let folder: ScriptFolder

  init() throws {
    folder = try ScriptFolder()
    let store = SQLiteJobStore(path: folder.path + "/kept.db")
    _ = try store.load()
    var failed = runRecord(2, at: 4, .failed)
    failed.attempt = 2
    failed.failure?.data = ["code": "E1"]
    failed.log = [
      LogLine(at: hour(4), level: "warn", message: "about to\u{7}", fields: ["n": 1])
    ]
    failed.omittedLines = 3
    failed.peakMemory = 3 << 20
    failed.processorTime = 900_000
    var good = runRecord(1, at: 3)
    good.result = ["sent": [1, 2.5, true]]
    try store.commit(
      [
        .job(storedJob()), .job(storedJob("tick", key: 2)),
        .job(storedJob("tick", script: "other.lua", key: 3)), .ended(good), .ended(failed),
        .summary(runSummary(from: 5, through: 6, count: 612)),
        .decision(decision(1, .skipped, at: 7, "the previous run is still going", run: 2)),
        .pendingRun(
          PendingRun(
            run: Run.ID(rawValue: 9), job: StoreKey(rawValue: 1), kind: .promise,
            scheduledAt: hour(8), dueAt: hour(90_000))),
        .ended(runRecord(4, at: 8, .timedOut, key: 2)), .handled(through: hour(8.25)),
      ], isDurable: true)
    store.close()
  }

  private func ask(_ arguments: String...) throws -> Outcome {
    let process = try MoonwheelProcess(arguments + ["--store", "kept.db"], in: folder)
    let code = try process.exit()
    return Outcome(code: code, output: process.text(.output), log: process.text(.log))
  }

  @Test func `runs shows a table, newest first, with summaries`() throws {
    let outcome = try ask("runs")
    #expect(outcome.code == 0 && outcome.log.isEmpty, "\(outcome.log)")
    #expect(
      outcome.lines == [
        "run            scheduled                  job                status             late  took",
        "0000000000004  2026-11-22T08:00:00+00:00  report.lua:tick    timed out          3ms   1.2s  report.lua:3: boom",
        "               2026-11-22T06:00:00+00:00  report.lua:report  612 more that succeeded between 2026-11-22T05:00:00+00:00 and 2026-11-22T06:00:00+00:00: took 40us, at most 9ms; at most 2ms late",
        "0000000000002  2026-11-22T04:00:00+00:00  report.lua:report  failed, attempt 2  3ms   1.2s  report.lua:3: boom",
        "0000000000001  2026-11-22T03:00:00+00:00  report.lua:report  succeeded          3ms   1.2s",
      ])
  }

  @Test func `runs as JSON has an object a line`() throws {
    let outcome = try ask("runs", "--json", "--job", "report", "--tz", "Europe/Berlin")
    #expect(outcome.code == 0)
    #expect(
      outcome.lines == [
        #"{"kind":"sum","script":"report.lua","job":"report","status":"succeeded","count":612,"from":"2026-11-22T06:00:00+01:00","through":"2026-11-22T07:00:00+01:00","mean_late":0.0,"longest_late":0.002,"mean_duration":4e-05,"longest_duration":0.009,"cpu":0.005}"#,
        #"{"kind":"run","run":"0000000000002","attempt":2,"script":"report.lua","job":"report","n":1,"status":"failed","scheduled_at":"2026-11-22T05:00:00+01:00","started_at":"2026-11-22T05:00:00.003+01:00","ended_at":"2026-11-22T05:00:01.203+01:00","late":0.003,"duration":1.2,"cpu":0.0009,"peak_memory":3145728,"result":null,"error":{"message":"report.lua:3: boom\nmore","traceback":"stack","data":{"code":"E1"}},"log":[{"at":"2026-11-22T05:00:00+01:00","level":"warn","message":"about to\u0007","fields":{"n":1}}],"omitted_lines":3,"cause":null,"input":null,"generation":null,"ending":null}"#,
        #"{"kind":"run","run":"0000000000001","attempt":1,"script":"report.lua","job":"report","n":1,"status":"succeeded","scheduled_at":"2026-11-22T04:00:00+01:00","started_at":"2026-11-22T04:00:00.003+01:00","ended_at":"2026-11-22T04:00:01.203+01:00","late":0.003,"duration":1.2,"cpu":0.0,"peak_memory":null,"result":{"sent":[1,2.5,true]},"error":null,"log":[],"omitted_lines":0,"cause":null,"input":null,"generation":null,"ending":null}"#,
      ])
  }

  @Test(arguments: [
    (["--status", "failed"], ["0000000000002"]),
    (["--status", "failed,timed_out"], ["0000000000004", "0000000000002"]),
    (["--status", "bad"], ["0000000000004", "0000000000002"]),
    (["--status", "bad, succeeded", "--job", "report.lua:tick"], ["0000000000004"]),
    (["--job", "report.lua:tick"], ["0000000000004"]),
    (["--since", "2026-11-22 04:00", "--status", "failed"], ["0000000000002"]),
    (["--since", "2026-11-22T08:00:00Z"], ["0000000000004"]),
    (["-n", "1"], ["0000000000004"]),
  ])
  func `flags choose the runs`(flags: [String], runs: [String]) throws {
    let process = try MoonwheelProcess(["runs", "--store", "kept.db"] + flags, in: folder)
    #expect(try process.exit() == 0)
    let found = process.text(.output).split(separator: "\n").dropFirst().map {
      String($0.prefix(13))
    }
    #expect(found == runs)
    let log = process.text(.log)
    #expect(log.contains("only the newest 1 are shown") == flags.contains("-n"), "\(log)")
  }

  @Test(arguments: ["fialed", "failed,", "failed,timed out"])
  func `an unknown status is refused with the ones there are`(status: String) throws {
    let outcome = try ask("runs", "--status", status)
    #expect(outcome.code == 64)
    let known = RunStatus.allCases.map(\.rawValue).joined(separator: ", ")
    #expect(outcome.log.contains("not the state of a run; give bad, or one or several of \(known)"))
  }

  @Test func `a run is shown with its error, traceback, log and decisions`() throws {
    let outcome = try ask("runs", "0000000000002")
    #expect(outcome.code == 0)
    #expect(
      outcome.lines == [
        "run 0000000000002 of report.lua:report: failed, attempt 2",
        "  scheduled  2026-11-22T04:00:00+00:00",
        "  started    2026-11-22T04:00:00.003+00:00, 3ms late",
        "  ended      2026-11-22T04:00:01.203+00:00, after 1.2s",
        "  used       900us of a processor, 3.0 MiB at most", "  error      report.lua:3: boom",
        "  data       {\"code\":\"E1\"}", "  traceback", "    stack", "  log",
        "    2026-11-22T04:00:00+00:00 warn  about to\\u{7}  {\"n\":1}",
        "    (3 more lines not kept)",
        "2026-11-22T07:00:00+00:00  skipped: the previous run is still going; run 0000000000002",
      ])
    let waiting = try ask("runs", "0000000000009")
    #expect(
      waiting.output
        == "run 0000000000009 of report.lua:report: waits: promised, due at 2037-02-27T00:00:00+00:00\n"
    )
  }

  @Test func `why shows the outcome of fires, pending runs, and the next fire`() throws {
    let outcome = try ask("why", "report", "2026-11-22 07:30")
    #expect(outcome.code == 0, "\(outcome.log)")
    let lines = outcome.lines
    #expect(lines.first == "report.lua:report: Every hour at :00, UTC")
    let fires = lines.filter { $0.hasPrefix("2026-11-22T") }.map { $0.dropFirst(11) }
    #expect(
      fires == [
        "03:00:00+00:00  ran: succeeded; 3ms late, took 1.2s, run 0000000000001",
        "04:00:00+00:00  ran: failed, attempt 2: report.lua:3: boom; 3ms late, took 1.2s, run 0000000000002",
        "05:00:00+00:00  612 runs succeeded, through 2026-11-22T06:00:00+00:00; took 40us, at most 9ms; at most 2ms late",
        "07:00:00+00:00  skipped: the previous run is still going; run 0000000000002",
        "07:30:00+00:00  not due at this time",
        "08:00:00+00:00  nothing is kept; its trigger may have been another one then, or `from`, `till` or `times` left it out",
        "09:00:00+00:00  not handled: no host is running; the last one had come as far as 2026-11-22T08:15:00+00:00; 4 fires, through 2026-11-22T12:00:00+00:00",
      ])
    #expect(lines.contains("run 0000000000009 waits: promised, due at 2037-02-27T00:00:00+00:00"))
    #expect(lines.last?.hasPrefix("The next fire is due at 20") == true)
  }

  @Test func `why as JSON has an object a line`() throws {
    let outcome = try ask("why", "report", "2026-11-22 07:30", "--json")
    #expect(outcome.code == 0 && outcome.log.isEmpty, "\(outcome.log)")
    let lines = outcome.lines
    #expect(
      lines.first?.hasPrefix(
        #"{"kind":"job","script":"report.lua","job":"report","trigger":"cron 0 * * * * in UTC, gap skip, fold both","words":"Every hour at :00, UTC","state":"active","reason":null,"registered_at":"#
      ) == true, "\(lines)")
    #expect(
      lines.dropFirst().prefix(3)
        == (try ask("runs", "--json", "--job", "report")).lines.reversed()[...])
    #expect(
      Array(lines.dropFirst(4)) == [
        #"{"kind":"decision","script":"report.lua","job":"report","decision":"skipped","count":1,"from":"2026-11-22T07:00:00+00:00","through":"2026-11-22T07:00:00+00:00","decided_at":"2026-11-22T07:00:00+00:00","reason":"the previous run is still going","run":"0000000000002"}"#,
        #"{"kind":"unkept","script":"report.lua","job":"report","count":0,"from":"2026-11-22T07:30:00+00:00","through":"2026-11-22T07:30:00+00:00","reason":"not due at this time"}"#,
        #"{"kind":"unkept","script":"report.lua","job":"report","count":1,"from":"2026-11-22T08:00:00+00:00","through":"2026-11-22T08:00:00+00:00","reason":"nothing is kept; its trigger may have been another one then, or `from`, `till` or `times` left it out"}"#,
        #"{"kind":"unkept","script":"report.lua","job":"report","count":4,"from":"2026-11-22T09:00:00+00:00","through":"2026-11-22T12:00:00+00:00","reason":"not handled: no host is running; the last one had come as far as 2026-11-22T08:15:00+00:00"}"#,
        #"{"kind":"waiting","run":"0000000000009","attempt":1,"promise":"promise","status":"waiting","scheduled_at":"2026-11-22T08:00:00+00:00","due_at":"2037-02-27T00:00:00+00:00","cuts":0}"#,
      ])
  }

  @Test(arguments: [
    (["runs", "--job", "tick"], 64, "say which: other.lua:tick, report.lua:tick"),
    (["runs", "--job", "reprot"], 1, "no job \"reprot\"; did you mean \"report\""),
    (["why", "other.lua:tik"], 1, "did you mean \"other.lua:tick\""),
    (["why", "tick"], 64, "2 scripts have a job \"tick\""),
    (["why", "report", "noonish"], 64, "noonish"),
    (["runs", "--status", "dead"], 64, "--status: \"dead\" is not the state of a run; give bad,"),
    (["runs", "--status", "evicted"], 1, "the store has no such runs"),
    (["runs", "--since", "2 parsecs"], 64, "parsecs"),
    (["runs", "-n", "0"], 64, "-n must be at least 1"),
    (["runs", "00000000000zz", "--job", "report"], 64, "give either the id of one run"),
    (["runs", "last"], 64, "\"last\" is not the id of a run"),
    (["runs", "00000000000zz"], 1, "the store has no run 00000000000ZZ"),
  ])
  func `a mistake has a message and an exit code`(arguments: [String], code: Int32, message: String)
    throws
  {
    let process = try MoonwheelProcess(arguments + ["--store", "kept.db"], in: folder)
    #expect(try process.exit() == code)
    #expect(process.text(.log).contains(message), "\(process.text(.log))")
    #expect(process.text(.output).isEmpty)
  }

  @Test(
    arguments: [
      (nil, 2, "no store at .moonwheel/store.db nor */.moonwheel/store.db: name the folder"),
      ("memory", 64, "a store in memory ends with its host"),
      ("gone.db", 2, "gone.db: there is no such file"),
      ("notes.txt", 2, "notes.txt: it is a text file, not a store"),
    ] as [(String?, Int32, String)])
  func `a store that cannot be read has a message and an exit code`(
    store: String?, code: Int32, message: String
  ) throws {
    try folder.write("notes.txt", "nothing of the kind")
    for command in [["runs"], ["why", "report"]] {
      let flags = store.map { ["--store", $0] } ?? []
      let process = try MoonwheelProcess(command + flags, in: folder)
      #expect(try process.exit() == code)
      #expect(process.text(.log).contains(message), "\(process.text(.log))")
    }
  }

  @Test func `the store is found by its variable`() throws {
    let outcome = try moonwheel(
      "runs", "0000000000001", in: folder, environment: ["MOONWHEEL_STORE": "kept.db"])
    #expect(outcome.code == 0 && outcome.output.contains("{\"sent\":[1,2.5,true]}"))
  }
}
