import LuaRuntime
import MoonwheelModel
import SchedulerCore
import Triggers
import WorkerPool

/// Trigger functions. Each request for the next fire executes as a run of its own with its own limits; it may not wait.
extension ScriptIsolate {
  /// The soft limit of a trigger function, unless the job's own limit is shorter.
  private static let answerTime: Int64 = 1_000_000_000

  static let mayNotWait = HostReply.raise(
    "a trigger function may not wait: it must return the next fire at once")

  func evaluate(_ request: NextFireRequest, _ reply: @escaping @Sendable (NextFireAnswer) -> Void) {
    let open = OpenRequest(request: request, reply: reply)
    guard let entry = registry[request.handle], let function = entry.functions?.trigger,
      isolate != nil
    else {
      self.answer(
        open, .failure(RunFailure(message: "\(name): the script could not be loaded again")))
      return
    }
    let own = entry.policy.value.limits
    let limits = RunLimits(soft: min(Self.answerTime, own.soft), cpu: own.cpu)
    let run = LiveRun(.request(open), limits: limits, now: environment.clock.elapsed)
    enter(run) { $0.call(function, [.number(request.after.luaSeconds)], $1) }
  }

  /// Blocks until the answer is there. Do not call it on a worker.
  package func evaluateAndWait(_ request: NextFireRequest) -> Result<Timestamp?, RunFailure> {
    let result = Condition<NextFireAnswer?>(nil)
    post(
      .evaluate(request) { answer in
        result.withLock { $0 = answer }
        result.signal()
      })
    return result.wait { $0 }.next
  }

  func handleAnswer(_ request: OpenRequest, _ outcome: IsolateOutcome, _ run: LiveRun) {
    switch outcome {
    case .finished(let value): answer(request, instant(value, run))
    case .cancelled: answer(request, .success(nil))
    case .failed(let failure): answer(request, .failure(withPosition(failure, run)))
    case .refused(let reason):
      answer(request, .failure(RunFailure(message: "\(subject(run)): \(reason)")))
    case .preempted(let coroutine, let traceback):
      if run.isPastGrace(elapsed: environment.clock.elapsed) {
        drop(coroutine, run, traceback: traceback)
      } else {
        preempt(coroutine, run)
      }
    case .interrupted(let traceback):
      answer(request, .failure(tooSlow(run, traceback: traceback)))
    case .evicted(_, let traceback):
      answer(request, .failure(tooSlow(run, traceback: traceback)))
      recover(from: run)
    case .parked, .declined:
      preconditionFailure("a trigger function waits, though nothing lets it")
    }
  }

  func answer(_ request: OpenRequest, _ next: Result<Timestamp?, RunFailure>) {
    request.reply(NextFireAnswer(request.request, next))
  }

  func tooSlow(_ run: LiveRun, traceback: String) -> RunFailure {
    RunFailure(
      message:
        "\(subject(run)) took longer than \(DurationText.format(run.limits.soft)) to say when it fires next",
      traceback: traceback)
  }

  /// The returned value as an instant; a failure unless it is nil or later than the given instant.
  private func instant(_ value: Value, _ run: LiveRun) -> Result<Timestamp?, RunFailure> {
    guard let after = run.request?.request.after else { return .success(nil) }
    let wanted =
      "it is to return seconds since 1970, later than it was given, or nil for never again"
    func wrong(_ what: String) -> Result<Timestamp?, RunFailure> {
      .failure(RunFailure(message: "\(subject(run)) returned \(what): \(wanted)"))
    }
    switch value {
    case .nil: return .success(nil)
    case .integer, .number: break
    case .string(let kind): return wrong(kind)
    default: return wrong(value.described)
    }
    guard let next = Timestamp(luaSeconds: value.double ?? .nan) else {
      return wrong("\(value.described), which is no instant")
    }
    // The script saw `after` rounded to a Lua number.
    let given = Timestamp(luaSeconds: after.luaSeconds) ?? after
    guard next > max(after, given) else {
      return wrong(
        "\(next.iso(in: environment.zone)), not later than \(after.iso(in: environment.zone))")
    }
    return .success(next)
  }

  /// Puts script and job before a message that has no position: an error object may lack one.
  private func withPosition(_ failure: RunFailure, _ run: LiveRun) -> RunFailure {
    var failure = failure
    if !failure.message.hasPrefix(name + ":") {
      failure.message = "\(subject(run)) raised \(failure.message)"
    }
    return failure
  }

  /// `a.lua:12: the trigger of job "x"`
  private func subject(_ run: LiveRun) -> String {
    let entry = registry[run.handle]
    return "\(entry?.position ?? name): the trigger of job \"\(entry?.name ?? "(ended)")\""
  }
}
