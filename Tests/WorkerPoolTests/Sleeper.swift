import Glibc
import SystemCalls
import Testing

@testable import WorkerPool

/// A thread that sleeps on an alarm once, and the reason why it woke.
final class Sleeper: Sendable {
  let alarm: Alarm
  private let thread: OSThread
  private let woken: Condition<Alarm.Wake?>

  /// Returns when the thread is asleep.
  init(on alarm: Alarm, until deadline: Int64? = nil) throws {
    self.alarm = alarm
    let woken = Condition<Alarm.Wake?>(nil)
    self.woken = woken
    thread = try OSThread(name: "sleeper") {
      let wake = alarm.sleep(until: deadline)
      woken.withLock { $0 = wake }
      woken.broadcast()
    }
    let limit = Clocks.monotonic() + 10_000_000_000
    while try !isInKernel() { try #require(Clocks.monotonic() < limit, "it does not fall asleep") }
  }

  /// Waits for the reason why it woke, for ten seconds at most.
  func wake() throws -> Alarm.Wake {
    try #require(woken.wait(until: Clocks.monotonic() + 10_000_000_000) { $0 })
  }

  var isAsleep: Bool { woken.withLock { $0 == nil } }

  /// Ends its sleep if it still sleeps.
  func end() {
    alarm.wakeThis()
    thread.join()
  }

  /// Whether it sleeps on the alarm, in the kernel's view.
  private func isInKernel() throws -> Bool {
    guard alarm.isSleeping, let id = thread.threadID else { return false }
    let file = unsafe open("/proc/self/task/\(id)/stat", O_RDONLY)
    guard file >= 0 else { return false }  // The thread has ended.
    defer { close(file) }
    var text = [UInt8](repeating: 0, count: 256)
    let count = unsafe read(file, &text, 256)
    let stat = String(decoding: text[..<max(0, count)], as: UTF8.self)
    return stat.split(separator: ")").last?.dropFirst().first == "S"
  }
}
