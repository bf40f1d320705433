import Glibc
import ModuleKit
import ScriptHost
import SystemIO

/// What a script gets of a program that has ended.
struct ShellResult: Sendable {
  /// Nil for a success.
  let failure: Refusal?
  /// Nil for a program that was not started.
  let value: Value

  init(
    _ result: Result<ProgramEnd, ProgramStartError>, of command: ShellCommand,
    _ options: ShellOptions
  ) {
    switch result {
    case .failure(let error):
      failure = Self.refusal(error, of: command)
      value = .nil
    case .success(let end):
      failure = Self.failure(of: end, options)
      value = Self.value(end, isOK: failure == nil)
    }
  }

  /// - Parameter more: fields for a success.
  func give(to answer: CallAnswer, with more: [Value: Value] = [:]) {
    if let failure { return answer.fail(failure, value) }
    guard case .table(let fields) = value else { return answer.give([value]) }
    answer.give([.table(fields.merging(more) { _, new in new })])
  }

  private static func refusal(_ error: ProgramStartError, of command: ShellCommand) -> Refusal {
    let reason = error.cause.reason
    let text =
      switch error.step {
      case .process: "no program can be started: \(reason)"
      case .limits: "\(command.title): its limits cannot be set: \(reason)"
      case .folder: "the folder \(command.program.folder ?? "") cannot be entered: \(reason)"
      case .confinement: "\(command.title) cannot be confined: \(reason)"
      case .execution:
        "\(command.title): \(reason)"
          + (error.cause.code == ENOEXEC ? ": it is no program, and has no line #!" : "")
      }
    return Refusal(text, code: "spawn")
  }

  static func value(_ end: ProgramEnd, isOK: Bool) -> Value {
    var fields: [Value: Value] = [
      "stdout": text(end.output.bytes), "stderr": text(end.error.bytes),
      "truncated": .bool(end.output.omitted > 0 || end.error.omitted > 0),
      "duration": .number(Double(end.duration) / 1e9),
    ]
    switch end.status {
    case .exited(let code): fields["code"] = .integer(Int64(code))
    case .killed(let signal): fields["signal"] = .string(name(of: signal))
    case .unknown, .stuck: break
    }
    fields["ok"] = .bool(isOK)
    return .table(fields)
  }

  static func failure(of end: ProgramEnd, _ options: ShellOptions) -> Refusal? {
    let last = end.error.lastLine.map { ": \($0)" } ?? ""
    if end.endedFor == .timeout {
      let seconds = Double(options.timeout ?? 0) / 1e9
      let rest = end.status == .stuck ? ", and it cannot be killed" : ""
      return Refusal("it took longer than \(seconds) s\(rest)\(last)", code: "timeout")
    }
    switch end.status {
    case .exited(let code) where options.okCodes.contains(Int64(code)): return nil
    case .exited(let code): return Refusal("exit \(code)\(last)", code: "exit")
    case .killed(let signal):
      return Refusal("ended by SIG\(name(of: signal))\(last)", code: "signal")
    case .unknown: return Refusal("unknown exit: the host ignores SIGCHLD\(last)", code: "exit")
    case .stuck: return Refusal("it was killed, and cannot end\(last)", code: "signal")
    }
  }

  /// As in `kill -l`.
  private static func name(of signal: Int32) -> String {
    let names: [Int32: String] = [
      SIGHUP: "HUP", SIGINT: "INT", SIGQUIT: "QUIT", SIGILL: "ILL", SIGTRAP: "TRAP",
      SIGABRT: "ABRT", SIGBUS: "BUS", SIGFPE: "FPE", SIGKILL: "KILL", SIGUSR1: "USR1",
      SIGSEGV: "SEGV", SIGUSR2: "USR2", SIGPIPE: "PIPE", SIGALRM: "ALRM", SIGTERM: "TERM",
      SIGXCPU: "XCPU", SIGXFSZ: "XFSZ", SIGSYS: "SYS",
    ]
    return names[signal] ?? "\(signal)"
  }

  private static func text(_ bytes: [UInt8]) -> Value {
    String(validating: bytes, as: UTF8.self).map { .string($0) } ?? .bytes(bytes)
  }
}
