import MoonwheelModel

/// What the alarm script hears; see ``Alarms``. A protocol, so that the event bus knows nothing of how that is done.
package protocol AlarmPort: AnyObject, Sendable {
  /// The script whose handlers get the event from here, and not as those of other scripts do; nil for most events.
  func script(hearing event: String) -> ScriptID?
  /// Takes an event of the host, if it is an alarm.
  func take(_ event: Event)
  /// A load begins of the script at a path. Call it before the script's handlers are subscribed.
  func begin(_ script: ScriptID, named name: String, at path: String)
  /// A version of the script at a path serves. Returns a warning if it does not hear all alarms.
  func loaded(_ registrations: [Registration], at path: String?) -> String?
  /// Delivers everything, sums included. Call it before the host drains: handlers get no events then.
  func flush()
  /// Logs how many alarms the script has not got. Call it when the host has stopped.
  func close()
}
