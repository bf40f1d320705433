import MoonwheelModel
import Permissions
import SchedulerCore
import Synchronization
import SystemCalls
import Triggers

/// What one generation of a script has asked for and may do. Its private isolates share it.
package final class ScriptPermissions: Sendable {
  private struct State: Sendable {
    var request = PermissionRequest()
    var grants: Grants
    /// Why the script may not load; nil if all is granted that it cannot load without.
    var problem: String?
    var budget = DenialBudget()
  }

  package let script: String
  private let id: ScriptID
  private let policy: PermissionPolicy
  private let inbox: Inbox
  private let clock: any SchedulerClock
  private let state: Mutex<State>
  let pins = PathPins()
  let programs = ProgramPins()

  init(
    _ id: ScriptID, _ source: ScriptSource, _ policy: PermissionPolicy, inbox: Inbox,
    clock: any SchedulerClock
  ) {
    self.id = id
    script = source.name
    self.policy = policy
    self.inbox = inbox
    self.clock = clock
    let folder = source.path.map(Paths.folder(of:)) ?? Paths.workingFolder
    state = Mutex(State(grants: Grants(folder: folder.isEmpty ? "/" : folder)))
  }

  package var request: PermissionRequest { state.withLock { $0.request } }

  /// May change at any time.
  package var grants: Grants { state.withLock { $0.grants } }

  /// The absolute folder of the script's file; of the host for a script given as text.
  var folder: String { grants.folder }

  /// Why the script may not load; nil if it may.
  package var problem: String? { state.withLock { $0.problem } }

  /// The script asks. Returns why it may not load; nil if it may.
  func ask(_ request: PermissionRequest) -> String? {
    let decision = policy.decide(script, request.all)
    for name in request.all[.run] where RunWord(rawValue: name) == nil {
      _ = programs.file(of: name, in: folder)
    }
    return state.withLock { state in
      state.request = request
      return decide(decision, in: &state)
    }
  }

  /// Asks the policy once more, which may have changed. What is not granted any more is denied at the next call. Returns
  /// what the script cannot load without and has no longer; nil if there is nothing.
  package func decideAgain() -> String? {
    let request = request
    guard !request.isEmpty else { return nil }
    let decision = policy.decide(script, request.all)
    return state.withLock { decide(decision, in: &$0) }
  }

  private func decide(_ decision: PermissionDecision, in state: inout State) -> String? {
    let folder = state.grants.folder
    let request = state.request
    state.grants = Grants(
      asked: request.all, granted: decision.granted, denied: decision.denied, folder: folder)
    let missing = request.required.missing(in: decision.granted, folder: folder)
    let denied = request.required.denied(by: decision.denied, folder: folder)
    state.problem =
      missing.isEmpty && denied.isEmpty || policy.loadsAll
      ? nil
      : PermissionWords.loadError(
        missing: missing, denied: denied, grantBy: policy.grantBy(script))
    return state.problem
  }

  /// Why the host may not connect to an address for the script, with the remedy; nil if it may.
  func refusal(of address: PingAddress) -> String? {
    let grants = grants
    guard !grants.allowsName(address.host, port: address.port, scheme: address.scheme) else {
      return nil
    }
    return PermissionWords.refusal(.net, address.authority) + ".\n  "
      + PermissionWords.remedy(
        .net, address.authority, grants.standing(.net, address.authority),
        grantBy: policy.grantBy(script))
  }

  /// Records that the script may not do what it wanted, and returns the words for it.
  func deny(_ kind: PermissionKind, _ wanted: String, _ site: CallSite) -> String {
    let grants = grants
    let entry = grants.entry(kind, wanted)
    let place = site.position.map { "\($0): \(site.function): " } ?? "\(site.function): "
    let message =
      place + PermissionWords.refusal(kind, entry) + ".\n  "
      + PermissionWords.remedy(
        kind, entry, grants.standing(kind, wanted), grantBy: policy.grantBy(script))
    site.denials?.add(message, at: clock.read().wall)
    let count = state.withLock { $0.budget.spend(at: clock.elapsed) }
    guard let count else { return message }
    inbox.post(
      .denied(
        Denial(
          script: id, job: site.job, run: site.run, permission: kind.rawValue, wanted: entry,
          at: site.position, message: message, count: count, depth: site.depth)))
    return message
  }
}

/// Bounds the events about denials of one script: a burst, then so many a second. Those beyond count for the next one.
private struct DenialBudget: Sendable {
  private static let burst: Int64 = 100
  /// Nanoseconds for each.
  private static let interval: Int64 = 100_000_000

  private var chargedUntil = Int64.min
  private var omitted: Int64 = 0

  /// How many denials an event now stands for; nil if it must wait for a later one.
  mutating func spend(at now: Int64) -> Int64? {
    let start = max(chargedUntil, now)
    guard start - now < Self.burst * Self.interval else {
      omitted += 1
      return nil
    }
    chargedUntil = start + Self.interval
    defer { omitted = 0 }
    return omitted + 1
  }
}

/// What a run was denied, for its record.
final class DenialList: Sendable {
  /// The most lines. A run that goes on asking has its reason long since.
  private static let most = 4
  /// The most bytes of each.
  private static let longest = 600

  private let lines = Mutex<[LogLine]>([])

  /// Adds a message, once.
  func add(_ message: String, at time: Timestamp) {
    let message = message.cut(toBytes: Self.longest)
    lines.withLock { lines in
      guard lines.count < Self.most, !lines.contains(where: { $0.message == message }) else {
        return
      }
      lines.append(
        LogLine(at: time, level: ScriptLogLevel.warn.rawValue, message: message, fields: .none))
    }
  }

  var all: [LogLine] { lines.withLock { $0 } }
}

/// Where a call of a Swift function comes from.
struct CallSite: Sendable {
  let permissions: ScriptPermissions
  /// The name of the function, as scripts write it.
  let function: String
  /// The position of the call, as in `a.lua:12`; nil where Lua does not know it.
  let position: String?
  let isLoading: Bool
  /// Nil for a call that belongs to none.
  let job: JobID?
  let run: Run.ID?
  /// The length of the chain of events that led to the call.
  let depth: UInt8
  /// Nil for a call that belongs to no run.
  let denials: DenialList?
  let lines: RunLines.Target
}
