import Glibc
import Moonwheel
import SystemCalls
import Triggers

/// Shows the progress of a long simulation on stderr, in one line, and removes the line at the end.
struct Progress {
  /// Nanoseconds of real time before the line first shows.
  private static let delay: Int64 = 1_000_000_000
  /// Nanoseconds of real time between two changes of the line.
  private static let interval: Int64 = 100_000_000

  private let start: Timestamp
  private let length: Int64
  private let zone: Zone
  /// The elapsed time at which the line changes next.
  private var next = Clocks.elapsed() + Self.delay
  private var isShown = false

  /// Nil if stderr is not a terminal.
  init?(_ span: SimulatedSpan.Reading) {
    guard Output.isTerminal(STDERR_FILENO) else { return nil }
    start = span.start
    length = span.length
    zone = span.zone
  }

  /// Shows that the simulation has reached a wall time.
  mutating func show(_ time: Timestamp) {
    let now = Clocks.elapsed()
    guard now >= next else { return }
    next = now + Self.interval
    isShown = true
    let share = Double(start.distance(to: time)) / Double(length)
    let second = Timestamp(seconds: time.seconds).iso(in: zone)
    let line = Self.line(share: share, at: second, width: Output.columns(STDERR_FILENO) ?? 80)
    write("\r\(line)\u{1b}[K", to: STDERR_FILENO)
  }

  func end() {
    guard isShown else { return }
    write("\r\u{1b}[K", to: STDERR_FILENO)
  }

  /// A bar, the percentage and the time; without the bar if there is no room. The last column stays free.
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
