import SystemCalls
import Triggers

extension Timestamp {
  /// The machine's wall clock.
  public static var now: Timestamp { Timestamp(nanoseconds: Clocks.wall()) }
}
