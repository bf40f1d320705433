import JobHistory
import Moonwheel
import MoonwheelReports

/// The states of runs that a flag names: `failed,timed_out`, or `bad`.
enum StatusList {
  /// Stands for the states of runs that have ended without success.
  static let bad = "bad"

  static let words = RunStatus.allCases.map(\.rawValue).joined(separator: ", ")

}

extension Setting {
  func statuses() throws(Failure) -> Set<RunStatus> {
    var statuses: Set<RunStatus> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let word = part.split(separator: " ").joined(separator: " ")
      if word == StatusList.bad {
        statuses.formUnion(RunStatus.allCases.filter { !$0.isGood })
      } else if let status = RunStatus(rawValue: word) {
        statuses.insert(status)
      } else {
        throw wrong(
          "\"\(word.escapingControls)\" is not the state of a run; give \(StatusList.bad), or one or several of \(StatusList.words), with commas between them"
        )
      }
    }
    return statuses
  }
}
