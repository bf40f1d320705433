import MoonwheelModel
import Synchronization

/// Lines that something outside writes for a run as it goes, such as a child process. They come into the log and into the
/// run's history as those that the run writes itself. Any thread adds them.
package final class RunLines: Sendable {
  private struct State {
    var lines: [(level: ScriptLogLevel, text: String)] = []
    var bytes = 0
    var omitted = 0
    /// Whether the log says already that some were left out.
    var isTold = false
  }

  /// What waits for the script's worker, at most.
  private static let (lineLimit, byteLimit) = (256, 64 << 10)

  /// Where the lines of a call go.
  struct Target: Sendable {
    let coroutine: UInt32
    /// The name of the job; nil for a call that belongs to none.
    let job: String?
    /// Tells the script's worker that lines wait.
    let post: @Sendable (RunLines) -> Void
  }

  let run: Run.ID
  let coroutine: UInt32
  private let post: @Sendable (RunLines) -> Void
  private let state = Mutex(State())

  init(_ run: Run.ID, to target: Target) {
    self.run = run
    coroutine = target.coroutine
    post = target.post
  }

  /// Adds a line, as a warning or for information. Returns false if so many wait that it was left out.
  package func add(_ text: String, isWarning: Bool) -> Bool {
    let (isTaken, isFirst) = state.withLock { state in
      let isFirst = state.lines.isEmpty && state.omitted == 0
      guard state.lines.count < Self.lineLimit, state.bytes < Self.byteLimit else {
        state.omitted += 1
        return (false, false)
      }
      state.lines.append((isWarning ? .warn : .info, text))
      state.bytes += text.utf8.count
      return (true, isFirst)
    }
    if isFirst { post(self) }
    return isTaken
  }

  /// All that wait, and whether it is to be told, once, that some were left out.
  func take() -> (lines: [(level: ScriptLogLevel, text: String)], tellsOmission: Bool) {
    state.withLock { state in
      let tells = state.omitted > 0 && !state.isTold
      let lines = state.lines
      state = State(isTold: state.isTold || tells)
      return (lines, tells)
    }
  }
}
