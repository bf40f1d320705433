import MoonwheelModel
import SchedulerCore

extension LiveRun {
  /// Releases what the run holds. Returns what of it has not ended then: the core keeps the job busy until it hears that it
  /// has.
  func releaseResources(in environment: ScriptEnvironment) -> EndingResources? {
    guard let details else { return nil }
    guard guest == nil, hook == nil else {
      details.releaseResources()
      return nil
    }
    let (number, job, inbox) = (environment.functions.newNumber(), job, environment.inbox)
    let ending = details.releaseResources { inbox.post(.resourcesEnded(job, number)) }
    guard !ending.isEmpty else { return nil }
    return EndingResources(number: number, label: ending.label)
  }
}

extension [RunResource] {
  /// Names them in a line: `child 12, child 13 and 7 more`.
  fileprivate var label: String {
    let shown = prefix(3).compactMap(\.label).map { $0.cut(toBytes: 100) }
    let more = count > 3 ? " and \(count - 3) more" : ""
    return shown.joined(separator: ", ") + more
  }
}
