import Glibc
import Synchronization
import SystemCalls
import WorkerPool

/// How late the machine itself is, at each moment: a thread that wakes every 3 ms, and one that has a few bytes put on the
/// disk every 20 ms. Who judges how late something else was grants it as much.
///
/// Its `unsafe` parts hand arrays that outlive the call to functions of libc.
final class MachineNoise: Sendable {
  private struct Sample {
    /// Wall time, in seconds.
    var from: Double
    var to: Double
    var lateness: Double
  }

  private struct State: Sendable {
    var samples: [Sample] = []
    var isStopped = false
  }

  private let state = Condition(State())
  private let threads: [OSThread]

  init(file: String) throws {
    let state = state
    threads = [
      try OSThread(name: "noise-wakes") {
        CurrentThread.setTimerSlack(nanoseconds: 1)
        Self.measure(state, every: 3_000_000) {}
      },
      try OSThread(name: "noise-disk") {
        let descriptor = unsafe open(file, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        defer { close(descriptor) }
        let page = [UInt8](repeating: 1, count: 4_096)
        Self.measure(state, every: 20_000_000) {
          // A file that grows, as a store's log does: that waits for the file system's own log, too.
          _ = unsafe write(descriptor, page, page.count)
          fdatasync(descriptor)
        }
        unsafe unlink(file)
      },
    ]
  }

  /// Until it is stopped: waits, and does something. How much longer than the wait that took is a sample.
  private static func measure(_ state: Condition<State>, every pause: Int64, _ body: () -> Void) {
    while true {
      let from = Clocks.monotonic()
      let stopped = state.wait(until: from + pause) { $0.isStopped ? true : nil }
      guard stopped == nil else { return }
      body()
      let lateness = Double(Clocks.monotonic() - from - pause) / 1e9
      guard lateness > 0.001 else { continue }
      let now = wallTime()
      state.withLock { state in
        state.samples.append(
          Sample(from: now - lateness - Double(pause) / 1e9, to: now, lateness: lateness))
      }
    }
  }

  func stop() {
    state.withLock { $0.isStopped = true }
    state.broadcast()
    for thread in threads { thread.join() }
  }

  /// The greatest lateness between two wall times.
  func most(from: Double, to: Double) -> Double {
    state.withLock { state in
      state.samples.lazy.filter { $0.to >= from && $0.from <= to }.map(\.lateness).max() ?? 0
    }
  }
}

/// Seconds since 1970.
func wallTime() -> Double { Double(Clocks.wall()) / 1e9 }
