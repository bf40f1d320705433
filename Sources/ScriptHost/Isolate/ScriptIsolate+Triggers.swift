import LuaRuntime
import MoonwheelModel
import SchedulerCore
import Triggers
import WorkerPool

/// Functions that say when their jobs fire: each question is a run of its own, with limits of its own, and may not wait.
extension ScriptIsolate {
  /// The soft limit of an answer, where the job's own is not shorter.
  private static let answerTime: Int64 = 1_000_000_000

  static let mayNotWait = HostReply.raise(
    "a trigger function may not wait: it says at once when its job fires next")

  func evaluate(_ request: NextFireRequest, _ tell: @escaping @Sendable (NextFireAnswer) -> Void) {
    let open = OpenRequest(request: request, tell: tell)
    guard let entry = registry[request.handle], let function = entry.functions?.trigger,
      isolate != nil
    else {
      self.tell(
        open, .failure(RunFailure(message: "\(name): the script could not be loaded again")))
      return
    }
    let own = entry.policy.value.limits
    let limits = RunLimits(soft: min(Self.answerTime, own.soft), cpu: own.cpu)
    let run = ActiveRun(open, limits: limits, now: environment.clock.elapsed)
    enter(run) { $0.run(function, [.number(request.after.luaSeconds)]) }
  }

  /// Asks and waits for the answer; not to be called on a worker.
  package func evaluateAndWait(_ request: NextFireRequest) -> Result<Timestamp?, RunFailure> {
    let result = Condition<NextFireAnswer?>(nil)
    post(
      .evaluate(request) { answer in
        result.withLock { $0 = answer }
        result.signal()
      })
    return result.wait { $0 }.next
  }

  func settle(_ request: OpenRequest, _ outcome: IsolateOutcome, _ run: ActiveRun) {
    switch outcome {
    case .finished(let value): tell(request, instant(value, run))
    case .cancelled: tell(request, .success(nil))
    case .failed(let failure): tell(request, .failure(placed(failure, run)))
    case .refused(let reason):
      tell(request, .failure(RunFailure(message: "\(place(run)): \(reason)")))
    case .preempted(let coroutine, let traceback):
      if run.isSpent(elapsed: environment.clock.elapsed) {
        drop(coroutine, run, traceback: traceback)
      } else {
        preempt(coroutine, run)
      }
    case .interrupted(let traceback):
      tell(request, .failure(tooSlow(run, traceback: traceback)))
    case .evicted(_, let traceback):
      tell(request, .failure(tooSlow(run, traceback: traceback)))
      recover(from: run)
    case .parked, .declined:
      preconditionFailure("a trigger function waits, though nothing lets it")
    }
  }

  func tell(_ request: OpenRequest, _ next: Result<Timestamp?, RunFailure>) {
    request.tell(NextFireAnswer(request.request, next))
  }

  func tooSlow(_ run: ActiveRun, traceback: String) -> RunFailure {
    RunFailure(
      message:
        "\(place(run)) took longer than \(DurationText.format(run.limits.soft)) to say when it fires next",
      traceback: traceback)
  }

  /// What the function returned, if that is an instant later than the one that it was asked about.
  private func instant(_ value: Value, _ run: ActiveRun) -> Result<Timestamp?, RunFailure> {
    guard let after = run.request?.request.after else { return .success(nil) }
    let wanted =
      "it is to return seconds since 1970, later than it was given, or nil for never again"
    func wrong(_ what: String) -> Result<Timestamp?, RunFailure> {
      .failure(RunFailure(message: "\(place(run)) returned \(what): \(wanted)"))
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
    // What it was given was rounded to a number of Lua.
    let given = Timestamp(luaSeconds: after.luaSeconds) ?? after
    guard next > max(after, given) else {
      return wrong("\(next.iso(in: environment.zone)), not later than \(after.iso(in: environment.zone))")
    }
    return .success(next)
  }

  /// An error object need not say where it was raised.
  private func placed(_ failure: RunFailure, _ run: ActiveRun) -> RunFailure {
    var failure = failure
    if !failure.message.hasPrefix(name + ":") {
      failure.message = "\(place(run)) raised \(failure.message)"
    }
    return failure
  }

  /// `a.lua:12: the trigger of job "x"`
  private func place(_ run: ActiveRun) -> String {
    let entry = registry[run.handle]
    return "\(entry?.position ?? name): the trigger of job \"\(entry?.name ?? "(ended)")\""
  }
}
