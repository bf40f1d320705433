import Glibc
import Layers
import MoonwheelTesting
import Testing

@testable import Moonwheel

/// 200 reloads in a row, while other scripts compute, on the machine's clock.
@Suite(.serialized) struct ReloadStormTests {
  private static let period = 0.05

  /// The text of a script. All versions have the same job `keep`.
  private static func text(_ name: String, _ version: Int, _ rest: String = "") -> String {
    """
    local version = \(version)
    every('50ms', { name = 'keep' }, function(run) emit('fire', { job = '\(name)', n = run.n, at = run.scheduled_at }) end)
    every('\(version % 7 + 1)s', { name = 'other' }, function() end)
    \(rest)
    """
  }

  private static let broken = [
    "x = = 1", "error('no')", "every('1s', { name = 'keep' }, function() end)", "require('cycle')",
  ]

  private static let load = """
    for i = 1, 4 do every('2ms', function() local x = 0 for j = 1, 2000 do x = x + j end end) end
    on('stop', function() for _, j in ipairs(jobs()) do j:cancel() end end)
    """

  @Test(.timeLimit(.minutes(2)))
  func `200 reloads lose no fire, repeat none, and leave no isolate or file open`() async throws {
    let edited = ["a", "b", "c", "d"]
    let files = openFiles()
    let served = try ServedFolder(
      [
        "steady.lua": Self.text("steady", 0), "a.lua": Self.text("a", 0),
        "b.lua": Self.text("b", 0),
        "c.lua": Self.text("c", 0), "d.lua": Self.text("d", 0), "moving.lua": "",
        "load.lua": Self.load,
        "lib/cycle.lua": "return require('cycle')",
      ], onManualClock: false)
    let fires = try EventRecorder("fire", of: served.scheduler)
    let losses = try EventRecorder("run.missed | run.skipped", of: served.scheduler)
    var changes = 0
    for round in 1...42 {
      for (index, name) in edited.enumerated() {
        let isBroken = (round + index) % 4 == 0
        let rest = isBroken ? Self.broken[(round / 4 + index) % 4] : ""
        try served.write("\(name).lua", Self.text(name, round, rest))
      }
      var expected = edited.count
      switch round % 8 {
      case 1:
        served.folder.remove("moving.lua")
        expected += 1
      case 2:
        try served.write("moving.lua", Self.text("moving", round))
        expected += 1
      case 5:
        try served.folder.move("moving.lua", "moved.lua")
        expected += 2
      case 6:
        try served.folder.move("moved.lua", "moving.lua")
        expected += 2
      default: break
      }
      #expect(served.scripts.wait { $0.count >= expected }, "round \(round)")
      #expect(served.scripts.events.count == expected, "round \(round)")
      changes += served.scripts.events.count
      served.scripts.removeAll()
    }
    #expect(changes >= 200)
    try served.scheduler.emit("stop")
    served.expectIsolates(7)
    for name in edited + ["steady"] { check(name, fires.events, losses.events) }
    await served.scheduler.stop()
    #expect(filesHeld(below: served.folder.path) == [])
    // Other tests open files at the same time; a leak would be one for each reload.
    #expect(openFiles() - files < 150)
  }

  /// Checks the fires by their numbers and by their nominal instants. The host reports those that it missed.
  private func check(_ name: String, _ fires: [Event], _ losses: [Event]) {
    let own = fires.map(\.payload).filter { $0["job"]?.text == name }
    let numbers = own.compactMap { $0["n"]?.int }
    // The first fires may have come before the recorder was there.
    let first = numbers.first ?? 1
    #expect(
      numbers == Array(first..<first + Int64(numbers.count)),
      "\(name): a run is missing, or came twice")
    let instants = own.compactMap { $0["at"]?.double }
    guard let start = instants.first else {
      Issue.record("\(name) never fired")
      return
    }
    let periods = instants.map { (($0 - start) / Self.period).rounded() }
    let missed = losses.filter {
      $0.payload["script"]?.text == "\(name).lua" && $0.payload["job"]?.text == "keep"
    }.reduce(0) { $0 + ($1.payload["count"]?.int ?? 1) }
    #expect(Set(periods).count == periods.count, "\(name): two fires of one instant")
    let gaps = (periods.last ?? 0) + 1 - Double(periods.count)
    #expect(gaps >= 0 && gaps <= Double(missed), "\(name): \(gaps) fires lost, \(missed) reported")
  }

  private func links() -> [String] {
    (0..<4096).compactMap { number in
      var target = [CChar](repeating: 0, count: 4096)
      let count = unsafe readlink("/proc/self/fd/\(number)", &target, target.count)
      guard count >= 0 else { return nil }
      return String(decoding: target[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
  }

  /// Of what a reload opens. Others have sockets, pipes and timers in this process by the hundred.
  private func openFiles() -> Int {
    links().count { $0.hasPrefix("/") || $0.hasPrefix("anon_inode:inotify") }
  }

  private func filesHeld(below folder: String) -> [String] {
    links().filter { $0.hasPrefix(folder) }
  }
}
