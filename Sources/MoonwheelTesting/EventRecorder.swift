import Moonwheel
import WorkerPool

/// Records the events that match a pattern, and lets a test wait for them.
///
///     let fires = try EventRecorder("fire", of: scheduler)
///     #expect(fires.wait { $0.count >= 10 })
public final class EventRecorder: Sendable {
  private let kept = Recording<Event>()

  public init(_ pattern: String, of scheduler: Scheduler) throws(PatternError) {
    let kept = kept
    try scheduler.observe(pattern) { kept.append($0) }
  }

  /// The events in the order in which they came. Those of one sender are in the order of sending.
  public var events: [Event] { kept.all }

  public func removeAll() { kept.removeAll() }

  /// Blocks until the condition holds, for this many seconds at most. Returns whether it holds.
  public func wait(seconds: Double = 10, until isDone: ([Event]) -> Bool) -> Bool {
    kept.wait(seconds: seconds, until: isDone)
  }

  /// Waits as ``wait(seconds:until:)`` does, without blocking a thread of Swift's concurrency. For tests whose
  /// scheduler runs in a task: other tests may occupy those threads for long.
  public func reaches(
    seconds: Double = 120, _ isDone: @escaping @Sendable ([Event]) -> Bool
  ) async throws -> Bool {
    try await withCheckedThrowingContinuation { continuation in
      do {
        _ = try OSThread(name: "recorder") { [self] in
          continuation.resume(returning: wait(seconds: seconds, until: isDone))
        }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }
}
