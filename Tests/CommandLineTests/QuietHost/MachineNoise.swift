import Glibc
import Synchronization
import SystemCalls
import WorkerPool

/// Measures how late the machine itself is: one thread wakes every 3 ms, and another writes a few bytes to the disk
/// every 20 ms. Tests of lateness allow for it.
///
/// Safe because the arrays given to libc outlive the call.
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
          // The file grows, as a store's log does, so the call also waits for the file system's own log.
          _ = unsafe write(descriptor, page, page.count)
          fdatasync(descriptor)
        }
        unsafe unlink(file)
      },
    ]
  }

  /// Waits and calls `body`, again and again until the stop. A sample is how much longer that took than the wait.
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
  func maxLateness(from: Double, to: Double) -> Double {
    state.withLock { state in
      state.samples.lazy.filter { $0.to >= from && $0.from <= to }.map(\.lateness).max() ?? 0
    }
  }
}

/// Seconds since 1970.
func wallTime() -> Double { Double(Clocks.wall()) / 1e9 }
