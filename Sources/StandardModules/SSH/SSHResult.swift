import ModuleKit
import ScriptHost
import SystemIO

/// What a script gets of a command on a far machine, or of a file that was sent.
struct SSHResult: Sendable {
  /// Nil for a success.
  let failure: Refusal?
  let value: Value

  /// - Parameter mark: that of the command; nil for a file, whose program tells its end itself.
  init(
    _ result: Result<ProgramEnd, ProgramStartError>, of host: SSHHost, mark: String?,
    _ options: ShellOptions
  ) {
    switch result {
    case .failure(let error):
      failure = Refusal("ssh cannot be started: \(error.cause.reason)", code: "spawn")
      value = .nil
    case .success(var end):
      let report = RemoteReport(end.error.bytes, mark: mark ?? "sftp")
      end.error = CapturedOutput(atMost: report.error.count * 2 + 2)
      end.error.add(report.error[...])
      if let code = report.code { end.status = .exited(code) }
      failure = Self.failure(of: end, report, host, options)
      value = ShellResult.value(end, isOK: failure == nil)
    }
  }

  private static func failure(
    of end: ProgramEnd, _ report: RemoteReport, _ host: SSHHost, _ options: ShellOptions
  ) -> Refusal? {
    let isOver = report.code != nil || end.endedFor != nil || end.status != .exited(255)
    guard !isOver else { return ShellResult.failure(of: end, options) }
    let last = end.error.lastLine ?? "ssh says nothing"
    if report.hasBegun {
      return Refusal("\(host.name): the connection was lost: \(last)", code: "connect")
    }
    let text = String(decoding: end.error.bytes, as: UTF8.self)
    let isRefused = refusals.contains { text.contains($0) }
    return Refusal("\(host.name): \(last)", code: isRefused ? "auth" : "connect")
  }

  /// What ssh says when one of the two does not believe the other.
  private static let refusals = [
    "Permission denied", "Host key verification failed", "Too many authentication failures",
    "REMOTE HOST IDENTIFICATION HAS CHANGED", "No ED25519 host key is known",
    "No ECDSA host key is known", "No RSA host key is known", "key cannot be used",
  ]

  func give(to answer: CallAnswer, with more: [Value: Value] = [:]) {
    if let failure { return answer.fail(failure, value) }
    guard case .table(let fields) = value else { return answer.give([value]) }
    answer.give([.table(fields.merging(more) { _, new in new })])
  }
}
