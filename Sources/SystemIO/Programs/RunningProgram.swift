import SystemCalls

/// A program that a host runs: started by the I/O thread, with its streams, its time limit, and what it leaves behind.
///
/// It ends in steps. SIGTERM goes to its process group when it is asked to end or its time is over, and SIGKILL follows
/// after a while. Its output is read until all who hold the pipes have closed them, but at most a while longer than it
/// lives. What is left of its group then gets SIGTERM, and SIGKILL a while later: nothing outlives the program but what
/// left the group on purpose (`setsid`), for which there is ``Orphans``.
package final class RunningProgram: Sendable {
  private let thread: IOThread
  private let execution: LoopOwned<Execution>

  /// Starts the program soon.
  ///
  /// - Parameters:
  ///   - onEnd: called once on the I/O thread, when the program has ended and its output is complete, or it could not be
  ///     started.
  ///   - onGone: called once on the I/O thread, when nothing is left of its group; never before `onEnd`.
  /// - Throws: if the I/O thread cannot be started or has stopped; nothing is called then.
  package init(
    _ program: Program, _ setup: ProgramSetup, on thread: IOThread,
    onEnd: @escaping @Sendable (Result<ProgramEnd, ProgramStartError>) -> Void,
    onGone: @escaping @Sendable () -> Void
  ) throws(SystemCallError) {
    self.thread = thread
    let execution = LoopOwned(Execution(program, setup, onEnd: onEnd, onGone: onGone))
    self.execution = execution
    try thread.submit { execution($0).start($0) }
  }

  /// Asks it to end, and kills it after the time of its setup. No effect if it has ended. Any thread, does not block.
  package func end() {
    let execution = execution
    thread.tell { execution($0).end($0, for: .request) }
  }

  /// Kills it at once. No effect if it has ended. Any thread, does not block.
  package func kill() {
    let execution = execution
    thread.tell { execution($0).kill($0) }
  }
}
