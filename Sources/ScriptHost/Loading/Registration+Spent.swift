import MoonwheelModel
import Triggers

extension Registration {
  /// That an `at` is over is as it should be; of others it is said.
  package var shouldGoOn: Bool {
    guard case .time(let trigger) = trigger else { return true }
    return trigger.instants == nil || !policy.value.window.isOpen
  }

  package var isSpent: String { "the job \"\(name)\" never fires again" }

  /// What is said of a job whose last fire lies in the past: no error, since the script has loaded on another day. A
  /// function is not asked here.
  func warningIfSpent(at now: Timestamp) -> String? {
    guard case .time(let trigger) = trigger, trigger != .reboot, !policy.value.now, shouldGoOn,
      !trigger.isElapsed || !policy.value.window.isOpen,
      policy.value.window.firstFire(of: trigger, registered: now) == nil
    else { return nil }
    return isSpent
  }
}
