import MoonwheelModel
import SchedulerCore

/// Gets all that the core of a host is given, and its effects, so that they can be repeated with another core. The
/// thread that steps the core calls it.
package protocol CoreRecorder: Sendable {
  /// The host has made its core.
  func began(at reading: ClockReading, firstRun: Run.ID)
  /// The core has handled a call.
  func record(_ call: CoreCall, at reading: ClockReading, _ effects: Effects)
}
