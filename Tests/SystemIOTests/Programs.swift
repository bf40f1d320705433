import COutside
import Glibc
import SystemCalls
import SystemIO
import WorkerPool

/// Runs programs in tests, and waits for their end.
final class Programs: Sendable {
  struct Outcome: Sendable {
    var end: Result<ProgramEnd, ProgramStartError>?
    var isGone = false
    /// In the order in which they came.
    var lines: [String] = []
  }

  let thread = IOThread()

  static let second: Int64 = 1_000_000_000
  /// What a test waits for at most, in nanoseconds.
  static let longest: Int64 = 20 * second

  static func shell(_ text: String) -> Program {
    var program = Program("/bin/sh", "-c", text)
    program.environment = [Array("PATH=/usr/bin:/bin".utf8)]
    return program
  }

  /// Waits until no process has this mark.
  ///
  /// Safe because the structure outlives the call.
  static func isGone(_ mark: String) -> Bool {
    let deadline = Clocks.monotonic() + longest
    while Clocks.monotonic() < deadline {
      guard let process = MarkedProcess.all().first(where: { $0.mark == mark }) else { return true }
      let descriptor = outside_open_process(process.id)
      guard descriptor >= 0 else { continue }
      var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      _ = unsafe poll(&wanted, 1, 5_000)
      close(descriptor)
    }
    return false
  }

  /// A program that is under way.
  final class Run: Sendable {
    let outcome = Condition(Outcome())
    let program: RunningProgram

    init(_ program: Program, _ setup: ProgramSetup, on thread: IOThread, lines: Bool) throws {
      var setup = setup
      let outcome = outcome
      if lines {
        setup.onLine = { stream, line in
          outcome.withLock { $0.lines.append((stream == .error ? "! " : "") + line) }
          outcome.broadcast()
          return true
        }
      }
      self.program = try RunningProgram(program, setup, on: thread) { end in
        outcome.withLock { $0.end = end }
        outcome.broadcast()
      } onGone: {
        outcome.withLock { $0.isGone = true }
        outcome.broadcast()
      }
    }

    func wait(_ isReached: @Sendable (Outcome) -> Bool) -> Outcome? {
      outcome.wait(until: Clocks.monotonic() + Programs.longest) { isReached($0) ? $0 : nil }
    }

    /// The end; nil if it does not come.
    func end() -> ProgramEnd? {
      guard let end = wait({ $0.end != nil })?.end, case .success(let success) = end else {
        return nil
      }
      return success
    }
  }

  func start(
    _ program: Program, _ setup: ProgramSetup = ProgramSetup(), lines: Bool = false
  ) throws -> Run {
    try Run(program, setup, on: thread, lines: lines)
  }

  func end(_ text: String, _ change: (inout ProgramSetup) -> Void = { _ in }) throws -> ProgramEnd?
  {
    var setup = ProgramSetup()
    change(&setup)
    return try start(Self.shell(text), setup).end()
  }

  func error(_ program: Program) throws -> ProgramStartError? {
    guard let end = try start(program).wait({ $0.isGone })?.end, case .failure(let error) = end
    else { return nil }
    return error
  }

  deinit { thread.stop(until: Clocks.elapsed() + Self.second) }
}

extension ProgramEnd {
  var outputText: String { String(decoding: output.bytes, as: UTF8.self) }
  var errorText: String { String(decoding: error.bytes, as: UTF8.self) }
}
