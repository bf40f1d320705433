import Layers
import MoonwheelTesting
import SchedulerCore
import SchedulerEngine
import Synchronization
import TestSupport
import Testing

@testable import Moonwheel

/// The core of a host with threads is a function of its inputs: another core that gets the same ones has the same
/// effects, call by call.
@Suite struct ReplayTests {
  private final class Recorder: CoreRecorder {
    struct Entry: Sendable {
      var call: CoreCall
      var reading: ClockReading
      var effects: Effects
    }

    private let start = Mutex<(reading: ClockReading, firstRun: Run.ID)?>(nil)
    private let entries = Mutex<[Entry]>([])

    func began(at reading: ClockReading, firstRun: Run.ID) {
      start.withLock { $0 = (reading, firstRun) }
    }

    func record(_ call: CoreCall, at reading: ClockReading, _ effects: Effects) {
      entries.withLock { $0.append(Entry(call: call, reading: reading, effects: effects)) }
    }

    var recorded: (start: (reading: ClockReading, firstRun: Run.ID)?, entries: [Entry]) {
      (start.withLock { $0 }, entries.withLock { $0 })
    }
  }

  private static let server = """
    on('ball', { name = 'catch', backlog = 1000 }, function(event)
      if event.payload > 0 then emit('back', event.payload - 1) end
    end)
    every('10ms', { name = 'serve' }, function()
      for n = 1, 20 do emit('ball', 6) end
    end)
    every('40ms', { name = 'fails', retry = { max = 2, from = '5ms', jitter = 0.5 } }, function(run)
      if run.attempt < 3 then error('not yet') end
    end)
    every('7ms', { name = 'sleeps' }, function() sleep('3ms') end)
    """

  private static func returner(_ version: Int) -> String {
    """
    local throw = on('back', { name = 'throw', backlog = 1000 }, function(event)
      if event.payload > 0 then emit('ball', event.payload - 1) end
    end)
    every('15ms', { name = 'pauses' }, function()
      throw:pause('version \(version)')
      sleep('2ms')
      throw:resume()
    end)
    every('20ms', { name = 'makes' }, function()
      local once = on('back', function() end)
      sleep('5ms')
      once:cancel()
    end)
    """
  }

  /// A host runs while a script of it is saved again and again.
  private static func record() async throws -> Recorder {
    let recorder = Recorder()
    let served = try ServedFolder(
      ["a.lua": server, "b.lua": returner(0)], onManualClock: false, recorder: recorder)
    let returned = try EventRecorder("back", of: served.scheduler)
    for version in 1...3 {
      #expect(returned.wait { $0.count > version * 1_000 })
      try served.write("b.lua", returner(version))
      #expect(served.scripts.wait { $0.count >= version })
    }
    await served.scheduler.stop()
    return recorder
  }

  @Test func `another core repeats what the core of a host did`() async throws {
    let (start, entries) = try await Self.record().recorded
    let (reading, firstRun) = try #require(start)
    #expect(entries.contains { !$0.effects.leased.isEmpty }, "events were leased")
    #expect(entries.count { $0.call.closesLeases } > 3, "leases were closed while they were in use")
    #expect(entries.contains { $0.effects.dispatches.contains { $0.attempt == 3 } })
    var core = SchedulerCore(
      clock: reading, firstRun: firstRun, stored: MemoryJobStore().load())
    for (number, entry) in entries.enumerated() {
      var effects = Effects()
      _ = entry.call.make(on: &core, at: entry.reading, into: &effects)
      let (expected, found) = (text(entry.effects), text(effects))
      guard expected != found else { continue }
      Issue.record("call \(number), \(entry.call):\n\(found)\ninstead of\n\(expected)")
      return
    }
  }

  /// All values in the effects, also those behind references.
  private func text(_ effects: Effects) -> String {
    var text = ""
    dump(effects, to: &text)
    return text
  }
}

extension CoreCall {
  fileprivate var closesLeases: Bool {
    if case .input(.leasesClosed(let leases)) = self {
      leases.contains { $0.begun > 0 }
    } else {
      false
    }
  }
}
