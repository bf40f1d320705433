import MoonwheelModel
import Triggers

extension Registration {
  /// Whether a job without a next fire deserves a warning: not an `at`, which ends as planned.
  package var shouldFireAgain: Bool {
    guard case .time(let trigger) = trigger else { return true }
    return trigger.instants == nil || !policy.value.window.isOpen
  }

  package var neverFiresText: String { "the job \"\(name)\" never fires again" }

  /// The warning about a job whose last fire is in the past. Not an error: the script was right on an earlier day.
  /// Ignores trigger functions.
  func warningIfNeverFires(at now: Timestamp) -> String? {
    guard case .time(let trigger) = trigger, trigger != .reboot, !policy.value.now, shouldFireAgain,
      !trigger.isElapsed || !policy.value.window.isOpen,
      policy.value.window.firstFire(of: trigger, registered: now) == nil
    else { return nil }
    return neverFiresText
  }
}
