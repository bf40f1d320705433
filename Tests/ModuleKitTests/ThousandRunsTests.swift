import Layers
import ModuleKit
import Moonwheel
import MoonwheelTesting
import SQLiteJobStore
import TestSupport
import Testing
import ToyModule

/// Runs that end in each way at random moments, while they hold things of which some take time to end.
@Suite(.timeLimit(.minutes(10))) struct ThousandRunsTests {
  /// A thousand and more with MOONWHEEL_RESOURCE_RUNS.
  private static let runs =
    Environment.value(of: "MOONWHEEL_RESOURCE_RUNS").flatMap(Int.init) ?? 150
  private static let scripts = 5

  /// Each handler gets the name of what its run is to hold, and a length of time.
  private static let script = """
    local function begin(e)
      local id, length = e.payload.id, e.payload.length
      assert(toy.lock(id))
      assert(toy.child(id))
      assert(toy.note(id))
      if length > 0.01 then sleep(length) end
    end
    local waits = { backlog = 10000 }
    local short = { backlog = 10000, timeout = '40ms' }
    on('return.N', waits, begin)
    on('error.N', waits, function(e) begin(e) error('no') end)
    on('table.N', waits, function(e) begin(e) error({ retry = false }) end)
    on('timeout.N', short, function(e) begin(e) sleep('1h') end)
    on('waits.N', short, function(e) begin(e) wait('never') end)
    on('calls.N', short, function(e) begin(e) while true do toy.later(1) end end)
    on('computes.N', short, function(e) begin(e) while true do end end)
    on('drops.N', short, function(e)
      begin(e)
      local x <close> = setmetatable({}, { __close = function() while true do end end })
      error('no')
    end)
    on('private.N', { backlog = 10000, isolate = 'run' }, function(e) begin(e) error('no') end)
    on('cancelled.N', { name = 'cancelled', backlog = 10000 }, function(e) begin(e) sleep('1h') end)
    on('cancel.N', waits, function() jobs.cancelled:cancel() jobs.cancelled:resume() end)
    """

  private static let ways = [
    "return", "error", "table", "timeout", "waits", "calls", "computes", "drops", "private",
  ]

  @Test func `nothing is left of runs that end in each way`() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("store.db")
    let toy = ToyModule(endsChildren: true)
    var configuration = Configuration()
    try configuration.add(toy)
    configuration.texts = (1...Self.scripts).map { number in
      (name: "\(number).lua", source: Self.script.replacing("N", with: "\(number)"))
    }
    let log = LogRecorder()
    let scheduler = try Scheduler(
      configuration, store: SQLiteJobStore(path: path), logger: log.logger)
    try scheduler.start()
    _ = try await scheduler.jobs
    for number in 0..<Self.runs {
      let way = Self.ways[number % Self.ways.count]
      let length = Double.random(in: 0...0.02)
      try scheduler.emit(
        "\(way).\(number % Self.scripts + 1)",
        ["id": .string("\(number)"), "length": .number(length)])
      if number % 40 == 0 {
        let script = number % Self.scripts + 1
        try scheduler.emit("cancelled.\(script)", ["id": .string("c\(number)"), "length": 0])
        try await Task.sleep(for: .milliseconds(30))
        try scheduler.emit("cancel.\(script)")
      }
      if number % 10 == 0 { try await Task.sleep(for: .milliseconds(5)) }
    }
    var left = ""
    for _ in 0..<(Self.runs * 20) {
      let jobs = try await scheduler.jobs
      let busy = jobs.filter { $0.runningCount > 0 || $0.waitingCount > 0 || $0.reason != nil }
      left = "\(busy.map(\.name)) \(toy.locked) \(toy.liveChildren)"
      if busy.isEmpty, toy.locked.isEmpty, toy.liveChildren.isEmpty { break }
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(toy.locked.isEmpty && toy.liveChildren.isEmpty, "\(left)")
    #expect(toy.childCount >= Self.runs && toy.endingChildren.count == toy.childCount)
    #expect(toy.releaseCount == toy.childCount)
    await scheduler.stop()
    #expect(Set(toy.noted).count == toy.childCount && toy.noted.count == toy.childCount)
    let store = SQLiteJobStore(path: path)
    #expect(try store.load().afterRuns.isEmpty)
    #expect(try store.runs(RunQuery(limit: 10_000)).allSatisfy { $0.ending == nil })
    store.close()
  }
}
