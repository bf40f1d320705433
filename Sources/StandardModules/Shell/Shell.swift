import ModuleKit
import MoonwheelModel
import ScriptHost
import Synchronization
import SystemCalls
import SystemIO

/// Runs the programs of the scripts of one host.
package final class Shell: Sendable {
  /// How many may run at once, of all scripts and of one.
  private static let (most, mostOfOne) = (100, 16)

  /// What a host does about programs, beside running them.
  struct Traits: Sendable {
    /// What all processes of programs have in their environment.
    var mark: String
    /// Whether the next host knows the mark, because both have the same store.
    var isLasting = false
    /// Told of each process that a program has left behind and that is ended; nil if none are adopted.
    var onOrphan: (@Sendable (MarkedProcess) -> Void)?
    /// Told once, before the first program that cannot be confined although it is to be.
    var onUnconfined: (@Sendable () -> Void)?
    /// Whether the kernel confines programs.
    var confines = Confinement.version > 0

    /// - Parameter store: the path of the store's file; nil without one.
    init(store: String?) {
      let lasting = Shell.mark(ofStore: store)
      isLasting = lasting != nil
      mark = lasting ?? String(UInt64.random(in: 0 ... .max), radix: 36)
    }
  }

  let traits: Traits
  let files: FileService
  private let thread: IOThread
  private let secrets: GivenSecrets
  /// How many run, or have left something running, by script.
  private let running = Mutex<[String: Int]>([:])
  private let adopts: Atomic<Bool>
  private let warns: Atomic<Bool>
  private let hasStarted = Atomic(false)

  init(
    on thread: IOThread, _ traits: Traits, _ files: FileService,
    _ secrets: GivenSecrets = GivenSecrets()
  ) {
    self.thread = thread
    self.secrets = secrets
    self.traits = traits
    self.files = files
    adopts = Atomic(traits.onOrphan != nil)
    warns = Atomic(traits.onUnconfined != nil)
  }

  /// Begins to adopt with the first program. A kernel that cannot tell who the children are leaves that to the system.
  private func adoptOnce() {
    guard let onOrphan = traits.onOrphan, adopts.exchange(false, ordering: .relaxed) else { return }
    do throws(SystemCallError) {
      _ = try Orphans(on: thread, onEnd: onOrphan)
    } catch {
      // Then they are nobody's, as in a program that embeds the host.
    }
  }

  /// Says once that programs are not confined.
  func warnOnce() {
    if warns.exchange(false, ordering: .relaxed) { traits.onUnconfined?() }
  }

  /// Kills what has left the group of its program. Call it when the thread has stopped.
  package func stop() {
    guard hasStarted.load(ordering: .relaxed) else { return }
    for process in MarkedProcess.killAll(where: { $0.host == traits.mark }) {
      traits.onOrphan?(process)
    }
  }

  /// Runs a program to its end. If the run of the call ends before, the program is asked to end, then killed, and the run's
  /// job is busy until then. `onEnd` is called on the I/O thread, unless the answer has been given already.
  func start(
    _ program: Program, _ setup: ProgramSetup, titled title: String, for call: FunctionCall,
    _ answer: CallAnswer,
    onEnd: @escaping @Sendable (Result<ProgramEnd, ProgramStartError>) -> Void
  ) {
    do throws(Refusal) {
      try begin(call.script)
    } catch {
      return answer.fail(error)
    }
    adoptOnce()
    warn(program, title, call)
    hasStarted.store(true, ordering: .relaxed)
    let child = ShellChild()
    let resource = call.hold("program \(title)", ending: { child.end() })
    var program = program
    program.host = program.mark == nil ? nil : traits.mark
    do throws(SystemCallError) {
      let program = try RunningProgram(
        program, setup, on: thread, onEnd: onEnd,
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
  private func warn(_ program: Program, _ title: String, _ call: FunctionCall) {
    guard let mask = secrets.mask, program.arguments.contains(where: { mask.isIn($0) }) else {
      return
    }
    _ = call.lines?.add(
      "sh: a secret is among the words of \(title), which everybody on this machine can read: give it in env or stdin",
      isWarning: true)
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

/// What an earlier host has left.
extension Shell {
  /// The mark of the host that has a store in this file; nil without one. It differs for a copy of the file.
  static func mark(ofStore path: String?) -> String? {
    guard let path, let real = Paths.resolved(path), let status = FileStatus(of: real) else {
      return nil
    }
    let text = "\(status.identity.device)-\(status.identity.inode)-\(real)"
    return SourceHash(of: Array(text.utf8)).bytes.prefix(8).reduce(into: "") { text, byte in
      text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
  }

  /// The kernel tells the start of a process to 10 ms.
  private static let startPrecision: Int64 = 20_000_000

  /// Kills what programs of an earlier host of the same store have left that was killed itself, in the background. Only one
  /// host at a time has the store, so what was started before this one and has its mark is of one that is gone.
  func endLeftovers(_ onEnd: @escaping @Sendable (MarkedProcess) -> Void) {
    guard traits.isLasting else { return }
    let (mark, now) = (traits.mark, Clocks.elapsed())
    _ = files.inBackground {
      let killed = MarkedProcess.killAll { process in
        process.host == mark && process.started < now - Self.startPrecision
      }
      for process in killed { onEnd(process) }
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
