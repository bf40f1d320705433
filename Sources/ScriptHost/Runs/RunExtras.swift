import MoonwheelModel

/// What a run leaves behind that most do not. Made when the first of it comes.
///
/// Belongs to the worker whose turn its isolate has, as the run itself.
final class RunExtras {
  enum Retry {
    case asked(after: Int64?)
    /// The error, or the job's policy, says that it is no use.
    case refused
  }

  var log = RunLog()
  var progress: RunProgress?
  var retry: Retry?
  /// `run.state` as the run was given it.
  var state: Value?
}

/// How far a run says that it is.
struct RunProgress: Sendable {
  /// From 0 to 1.
  var fraction: Double
  var text: String

  /// `40 %: step`
  var description: String {
    "\(Int((fraction * 100).rounded())) %" + (text.isEmpty ? "" : ": \(text)")
  }
}
