import MoonwheelModel

/// Parts of a run that most runs lack, allocated at first use.
///
/// Belongs to the worker that executes the run.
final class RunExtras {
  enum Retry {
    case requested(after: Int64?)
    /// The error or the job's `retry.unless` rules a retry out.
    case refused
  }

  var log = RunLog()
  var progress: RunProgress?
  var retry: Retry?
  /// `run.state` at the start of the run.
  var state: Value?
}

/// The progress that a run reports with `run:progress`.
struct RunProgress: Sendable {
  /// From 0 to 1.
  var fraction: Double
  var text: String

  /// `40 %: step`
  var description: String {
    "\(Int((fraction * 100).rounded())) %" + (text.isEmpty ? "" : ": \(text)")
  }
}
