import SystemCalls
import Glibc
import Moonwheel
import Synchronization
import WorkerPool

/// Shows on stderr how far a long simulation has come, in one line that it removes at the end.
final class Progress: Sendable {
  /// In nanoseconds of real time: before the line first shows, and between two changes of it.
  private static let patience: Int64 = 1_000_000_000
  private static let pause: Int64 = 100_000_000

  private let start: Timestamp
  private let length: Int64
  private let zone: Zone
  private let next: Mutex<(at: Int64, isShown: Bool)>

  /// Nil where stderr is no terminal.
  init?(_ span: SimulatedSpan.Reading) {
    guard Descriptor.isTerminal(STDERR_FILENO) else { return nil }
    start = span.start
    length = span.length
    zone = span.zone
    next = Mutex((Clocks.elapsed() + Self.patience, false))
  }

  /// The simulation has come to a wall time.
  func show(_ time: Timestamp) {
    let now = Clocks.elapsed()
    let isDue = next.withLock { next in
      guard now >= next.at else { return false }
      next = (now + Self.pause, true)
      return true
    }
    guard isDue else { return }
    let share = Double(start.distance(to: time)) / Double(length)
    let second = Timestamp(seconds: time.seconds).iso(in: zone)
    let line = Self.line(share: share, at: second, width: Descriptor.columns(STDERR_FILENO) ?? 80)
    write("\r\(line)\u{1b}[K", to: STDERR_FILENO)
  }

  func end() {
    guard next.withLock({ $0.isShown }) else { return }
    write("\r\u{1b}[K", to: STDERR_FILENO)
  }

  /// A bar, the share and the time; without the bar where there is no room. The last column stays free.
  static func line(share: Double, at time: String, width: Int) -> String {
    let share = min(1, max(0, share))
    let percent = "\(Int(share * 100))%"
    let words = String(repeating: " ", count: 4 - percent.count) + percent + "  " + time
    let room = width - words.count - 5
    guard room >= 10 else { return String(words.prefix(max(0, width - 1))) }
    let bar = min(room, 50)
    let full = Int(share * Double(bar))
    return "[" + String(repeating: "#", count: full) + String(repeating: "-", count: bar - full)
      + "] " + words
  }
}
