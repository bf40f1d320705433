import ModuleKit
import ScriptHost
import Synchronization
import SystemCalls
import SystemIO

/// Runs the programs of the scripts of one host.
package final class Shell: Sendable {
  /// How many may run at once, of all scripts and of one.
  private static let (most, mostOfOne) = (100, 16)

  private let thread: IOThread
  /// How many run, or have left something running, by script.
  private let running = Mutex<[String: Int]>([:])

  /// Told of each process that a program has left behind and that is ended; nil if none are adopted.
  private let onOrphan: (@Sendable (MarkedProcess) -> Void)?
  private let adopts: Atomic<Bool>

  private let secrets: GivenSecrets

  package init(
    on thread: IOThread, adopting onOrphan: (@Sendable (MarkedProcess) -> Void)? = nil,
    _ secrets: GivenSecrets = GivenSecrets()
  ) {
    self.thread = thread
    self.secrets = secrets
    self.onOrphan = onOrphan
    adopts = Atomic(onOrphan != nil)
  }

  /// Begins to adopt with the first program. A kernel that cannot tell who the children are leaves that to the system.
  private func adoptOnce() {
    guard let onOrphan, adopts.exchange(false, ordering: .relaxed) else { return }
    do throws(SystemCallError) {
      _ = try Orphans(on: thread, onEnd: onOrphan)
    } catch {
      // Then they are nobody's, as in a program that embeds the host.
    }
  }

  /// Runs it to its end. If the run ends before, the program is asked to end, then killed, and the run's job is busy until
  /// then.
  func run(
    _ command: ShellCommand, _ options: ShellOptions, for call: FunctionCall, _ answer: CallAnswer
  ) {
    do throws(Refusal) {
      try begin(call.script)
    } catch {
      return answer.fail(error)
    }
    adoptOnce()
    warn(command, call)
    let child = ShellChild()
    let resource = call.hold("program \(command.title)", ending: { child.end() })
    do throws(SystemCallError) {
      let program = try RunningProgram(
        command.program, setup(options, call.lines), on: thread,
        onEnd: { ShellResult.give($0, of: command, options, to: answer) },
        onGone: { [weak self] in
          self?.finish(call.script)
          resource.end()
        })
      child.started(program)
    } catch {
      finish(call.script)
      resource.end()
      answer.fail(Refusal("no program can be started: \(error.reason)", code: "spawn"))
    }
  }

  /// The words of a program are no place for a secret.
  private func warn(_ command: ShellCommand, _ call: FunctionCall) {
    guard let mask = secrets.mask, command.program.arguments.contains(where: { mask.isIn($0) })
    else {
      return
    }
    _ = call.lines?.add(
      "sh: a secret is among the words of \(command.title), which everybody on this machine can read: give it in env or stdin",
      isWarning: true)
  }

  private func setup(_ options: ShellOptions, _ lines: RunLines?) -> ProgramSetup {
    var setup = ProgramSetup()
    setup.input = .bytes(options.input)
    setup.output = .captured(atMost: options.maxOutput)
    setup.error = .captured(atMost: options.maxOutput)
    setup.timeout = options.timeout
    setup.killAfter = options.killAfter
    if options.logs, let lines {
      setup.onLine = { stream, line in lines.add(line, isWarning: stream == .error) }
    }
    return setup
  }

  private func begin(_ script: String) throws(Refusal) {
    try running.withLock { (running) throws(Refusal) in
      let own = running[script] ?? 0
      guard own < Self.mostOfOne else {
        throw Refusal("\(own) programs of this script run already", code: "busy")
      }
      guard running.values.reduce(0, +) < Self.most else {
        throw Refusal("\(Self.most) programs of this host run already", code: "busy")
      }
      running[script] = own + 1
    }
  }

  private func finish(_ script: String) {
    running.withLock { running in
      let left = (running[script] ?? 1) - 1
      running[script] = left == 0 ? nil : left
    }
  }
}

/// A program that may be asked to end before it has begun.
private final class ShellChild: Sendable {
  private let state = Mutex<(program: RunningProgram?, isEnding: Bool)>((nil, false))

  func started(_ program: RunningProgram) {
    let isEnding = state.withLock { state in
      state.program = program
      return state.isEnding
    }
    if isEnding { program.end() }
  }

  func end() {
    let program = state.withLock { state in
      state.isEnding = true
      return state.program
    }
    program?.end()
  }
}
