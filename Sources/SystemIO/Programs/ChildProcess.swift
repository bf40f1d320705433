import COutside
import Glibc
import SystemCalls

/// A child process: the leader of a session and a process group of its own. Only the I/O thread starts one, since the
/// kernel kills it when the thread that started it ends.
final class ChildProcess {
  /// The kernel's number. Only ``signalGroup(_:)`` uses it.
  let id: Int32
  /// Readable once the leader has ended.
  let descriptor: Descriptor

  /// Starts the program. The streams become its 0, 1 and 2; the caller closes its own then.
  ///
  /// Safe because texts outlive the call.
  init(
    _ program: Program, input: Int32, output: Int32, error: Int32
  ) throws(ProgramStartError) {
    let ruleset = try Self.ruleset(of: program)
    let (path, arguments) = (CTexts([Array(program.path.utf8)]), CTexts(program.arguments))
    let (environment, folder) = (
      CTexts(program.markedEnvironment), CTexts(program.folder.map { [Array($0.utf8)] } ?? [])
    )
    var given = unsafe outside_program()
    unsafe given.path = path.first
    unsafe given.arguments = arguments.array
    unsafe given.environment = environment.array
    unsafe given.folder = folder.first
    unsafe (given.input, given.output, given.error) = (input, output, error)
    let limits = program.limits
    unsafe (given.umask, given.nice) = (limits.fileMask ?? -1, limits.nice)
    unsafe (given.memory, given.cpu) = (limits.memory ?? 0, limits.cpu ?? 0)
    unsafe given.ruleset = ruleset?.descriptor.number ?? -1
    unsafe given.no_new_privileges = limits.losesPrivileges
    let child = unsafe outside_start(&given)
    withExtendedLifetime((path, arguments, environment, folder, ruleset)) {}
    guard child.code == 0 else {
      throw ProgramStartError(step: .init(child.stage), cause: child.error)
    }
    id = child.pid
    do throws(SystemCallError) {
      descriptor = try Descriptor(child.descriptor, of: "clone")
    } catch {
      throw ProgramStartError(step: .process, cause: error)
    }
  }

  private static func ruleset(of program: Program) throws(ProgramStartError) -> OpenFile? {
    guard let confinement = program.confinement else { return nil }
    do throws(SystemCallError) {
      return OpenFile(try confinement.ruleset())
    } catch {
      throw ProgramStartError(step: .confinement, cause: error)
    }
  }

  /// How the leader has ended; nil while it lives. It stays a zombie, and its number taken, until ``reap()``.
  ///
  /// Safe because the structure outlives the call.
  func end() -> ProgramEnd.Status? {
    var end = outside_end()
    switch unsafe outside_wait(descriptor.number, false, &end) {
    case 0: return nil
    case 1: return end.signal == 0 ? .exited(end.code) : .killed(end.signal)
    default: return .unknown
    }
  }

  /// Safe because the structure outlives the call.
  func reap() {
    var end = outside_end()
    _ = unsafe outside_wait(descriptor.number, true, &end)
  }

  /// Kills the group, and waits for the leader's end, which is a matter of microseconds for one that was just started.
  func killAndReap() {
    signalGroup(SIGKILL)
    _ = waitpid(id, nil, 0)
  }

  /// Signals all processes of the group. Returns false if there are none; a leader that is not reaped is one.
  @discardableResult
  func signalGroup(_ signal: Int32) -> Bool {
    outside_signal_group(descriptor.number, id, signal) == 0 || ErrorNumber.last != ESRCH
  }

  var hasGroup: Bool { signalGroup(0) }
}

extension outside_child {
  fileprivate var error: SystemCallError {
    let call =
      switch stage {
      case OUTSIDE_SESSION: "setsid"
      case OUTSIDE_PARENT: "prctl"
      case OUTSIDE_LIMITS: "setrlimit"
      case OUTSIDE_FOLDER: "chdir"
      case OUTSIDE_DESCRIPTORS: "dup2"
      case OUTSIDE_CONFINE: "landlock_restrict_self"
      case OUTSIDE_EXECUTE: "execve"
      default: "clone"
      }
    return SystemCallError(call: call, code: code)
  }
}

extension ProgramStartError.Step {
  fileprivate init(_ stage: outside_stage) {
    self =
      switch stage {
      case OUTSIDE_LIMITS: .limits
      case OUTSIDE_FOLDER: .folder
      case OUTSIDE_CONFINE: .confinement
      case OUTSIDE_EXECUTE: .execution
      default: .process
      }
  }
}
