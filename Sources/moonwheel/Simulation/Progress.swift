import Glibc
import Moonwheel
import Synchronization

/// Tells on stderr how far a long simulation has come, in one line that is gone at the end.
///
/// Safe because the structure outlives the call that fills it in.
final class Progress: Sendable {
  private static let patience: Int64 = 1_000_000_000
  private static let pause: Int64 = 100_000_000

  private let start: Timestamp
  private let length: Int64
  private let zone: Zone
  private let next: Mutex<(at: Int64, isShown: Bool)>

  /// Nil where nobody looks.
  init?(_ span: SimulatedSpan.Reading) {
    guard isatty(STDERR_FILENO) == 1 else { return nil }
    start = span.start
    length = span.length
    zone = span.zone
    next = Mutex((Self.now + Self.patience, false))
  }

  /// The simulation has come to a wall time.
  func show(_ time: Timestamp) {
    let now = Self.now
    let isDue = next.withLock { next in
      guard now >= next.at else { return false }
      next = (now + Self.pause, true)
      return true
    }
    guard isDue else { return }
    let share = Double(start.distance(to: time)) / Double(length)
    let second = Timestamp(seconds: time.seconds).iso(in: zone)
    let line = Self.line(share: share, at: second, width: Self.width)
    write("\r\(line)\u{1b}[K", to: STDERR_FILENO)
  }

  func end() {
    guard next.withLock({ $0.isShown }) else { return }
    write("\r\u{1b}[K", to: STDERR_FILENO)
  }

  /// A bar that leaves the last column free, or without room for one the share alone.
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

  private static var now: Int64 { SystemClock().read().elapsed }

  private static var width: Int {
    var size = winsize()
    let isKnown = unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0
    return isKnown && size.ws_col > 0 ? Int(size.ws_col) : 80
  }
}
