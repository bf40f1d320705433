import MoonwheelModel
import Permissions
import ScriptHost
import SystemCalls
import Transfers
import WorkerPool

/// Sends the pings of a host: a GET for each run that has succeeded, to whoever alarms when none comes.
///
/// No run waits for one. Of each job, one is under way at most, and one a second at most is begun: the runs that succeed
/// meanwhile share the next one.
final class Pings: PingPort {
  private static let attempts = 3
  /// Nanoseconds, as the next ones: of one attempt; from one beginning to the next; after the last run of the host.
  private static let (timeout, interval, stopTimeout): (Int64, Int64, Int64) = (
    10_000_000_000, 1_000_000_000, 5_000_000_000
  )
  /// Of jobs.
  private static let mostUnderWay = 10_000

  private struct Job: Hashable {
    var script: ScriptID
    var name: String
  }

  private struct UnderWay {
    var request: PingRequest
    var attempt = 1
    /// How many runs it tells of.
    var count: Int64 = 1
    /// The runs that have succeeded since.
    var more: Int64 = 0
    /// Of `Clocks.elapsed()`.
    var begun: Int64
    /// It is over, and the next one must not begin yet.
    var isResting = false
  }

  private struct State {
    var underWay: [Job: UnderWay] = [:]
    var isStopping = false
  }

  private let transfers: Transfers
  private let proxies: HostProxies
  private let failed: @Sendable (PingRequest, _ reason: String, _ count: Int64) -> Void
  private let state = Condition(State())

  init(
    _ io: HostIO,
    failed: @escaping @Sendable (PingRequest, _ reason: String, _ count: Int64) -> Void
  ) {
    transfers = io.transfers
    proxies = HostProxies()
    self.failed = failed
  }

  func send(_ request: PingRequest) {
    let job = Job(script: request.scriptID, name: request.job)
    let isNew = state.withLock { state -> Bool? in
      guard state.underWay[job] == nil else {
        state.underWay[job]?.more += 1
        state.underWay[job]?.request = request
        return false
      }
      guard state.underWay.count < Self.mostUnderWay else { return nil }
      state.underWay[job] = UnderWay(request: request, begun: Clocks.elapsed())
      return true
    }
    switch isNew {
    case true?: attempt(job)
    case false?: break
    case nil: failed(request, "too many pings are under way", 1)
    }
  }

  /// Sends what waits for its turn, and waits for what is under way, but not for long.
  func stop(until deadline: Int64) {
    let waiting = state.withLock { state in
      state.isStopping = true
      return state.underWay.filter(\.value.isResting).map(\.key)
    }
    for job in waiting { goOn(job) }
    let limit = min(deadline, Clocks.monotonic() + Self.stopTimeout)
    _ = state.wait(until: limit) { $0.underWay.isEmpty ? true : nil }
  }

  /// Tells of the runs that have succeeded since the last ping of the job.
  private func goOn(_ job: Job) {
    let isNew = state.withLock { state -> Bool in
      guard let last = state.underWay[job], last.isResting else { return false }
      state.underWay[job] =
        last.more == 0
        ? nil : UnderWay(request: last.request, count: last.more, begun: Clocks.elapsed())
      return last.more > 0
    }
    if isNew { attempt(job) } else { state.broadcast() }
  }

  private func attempt(_ job: Job) {
    guard let request = state.withLock({ $0.underWay[job]?.request }) else { return }
    let url: TransferURL
    do throws(TransferURL.Problem) {
      if let problem = CurlLibrary.load() { throw TransferURL.Problem(description: problem) }
      url = try TransferURL(request.url)
    } catch {
      return finished(job, .failure(TransferFailure(.protocol, "\(error)")))
    }
    var transfer = TransferRequest(url)
    transfer.headers = [TransferHeader("User-Agent", "Moonwheel")]
    transfer.timeout = Self.timeout
    transfer.maxSize = 64 << 10
    transfer.owner = "ping of " + request.script
    transfer.proxies = { [proxies] in proxies.proxy(for: $0) }
    transfers.send(transfer, allowed: Self.policy(request.permissions)) { [self] result in
      finished(job, result)
    }
  }

  /// What the script may reach, at the time of each hop.
  private static func policy(_ permissions: ScriptPermissions) -> TransferPolicy {
    let refusal = { @Sendable (url: TransferURL) in
      TransferFailure(.denied, "the script may not connect to \(url.authority)")
    }
    return TransferPolicy(
      name: { url in
        permissions.grants.allowsName(url.host, port: url.namedPort, scheme: url.scheme)
          ? nil : refusal(url)
      },
      address: { address, url in
        permissions.grants.allowsAddress(
          address, of: url.host, port: url.namedPort, scheme: url.scheme)
      }, addressDenial: refusal)
  }

  private static func words(_ failure: TransferFailure) -> String {
    switch failure.code {
    case .denied, .cancelled: failure.message
    case .connect: "no connection to its server"
    case .dns: "the name of its server is not found"
    case .tls, .auth: "its server does not prove who it is"
    case .timeout: "its server does not answer within \(timeout / 1_000_000_000) s"
    case .tooLarge, .redirects, .protocol, .read, .write, .busy:
      "no whole answer of its server (\(failure.code.rawValue))"
    }
  }

  private enum Next {
    case attempt(after: Int64)
    case goOn(after: Int64)
  }

  private func finished(_ job: Job, _ result: TransferResult) {
    let problem = Self.problem(result)
    var lost: (request: PingRequest, count: Int64)?
    let next = state.withLock { state -> Next in
      guard var ping = state.underWay[job] else { return .goOn(after: 0) }
      if problem?.isLasting == false, ping.attempt < Self.attempts, !state.isStopping {
        ping.attempt += 1
        state.underWay[job] = ping
        return .attempt(after: Int64(ping.attempt - 1) * Self.interval)
      }
      if problem != nil { lost = (ping.request, ping.count) }
      ping.isResting = true
      state.underWay[job] = ping
      let pause = state.isStopping ? 0 : ping.begun + Self.interval - Clocks.elapsed()
      return .goOn(after: max(0, pause))
    }
    if let problem, let lost { failed(lost.request, problem.reason, lost.count) }
    switch next {
    case .attempt(let delay): transfers.after(delay) { [self] in attempt(job) }
    case .goOn(let delay) where delay > 0: transfers.after(delay) { [self] in goOn(job) }
    case .goOn: goOn(job)
    }
  }

  /// Why it did not arrive, without the path of its URL, which may be secret; nil if it did.
  private static func problem(_ result: TransferResult) -> (reason: String, isLasting: Bool)? {
    switch result {
    case .success(let response):
      guard !(200..<300).contains(response.status) else { return nil }
      let isLasting = response.status < 500 && response.status != 429
      return ("\(response.url.authority) answers HTTP \(response.status)", isLasting)
    case .failure(let failure):
      return (words(failure), ![.connect, .dns, .timeout, .read, .busy].contains(failure.code))
    }
  }
}
