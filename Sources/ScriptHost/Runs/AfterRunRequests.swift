import JobStore
import LuaRuntime
import MoonwheelModel
import Synchronization

/// The requests that are to be done after runs: each is in the store from before it can be needed until it is done.
package final class AfterRunRequests: Sendable {
  private struct Entry {
    var request: AfterRunRequest
    var isBegun = false
    /// How often it has failed in this host.
    var failures = 0
    var task: Task<Void, Never>?
    let hold: MemoryHold
  }

  private struct State {
    var entries: [Int64: Entry] = [:]
    var counts: [Run.ID: Int] = [:]
    var lastID: Int64 = 0
    /// Of an earlier host, and not begun.
    var left: [Int64] = []
    var isStopped = false
  }

  /// What it needs of the host.
  struct Services: Sendable {
    let store: any JobStore
    /// Nil in a simulation.
    let writer: StoreWriter?
    let inbox: Inbox
    let clock: any SchedulerClock
    let log: ScriptLog
  }

  /// The most of one run, of a host, and bytes of one.
  package static let runLimit = 64
  package static let hostLimit = 10_000
  package static let payloadLimit = 64 << 10
  /// Nanoseconds before one that has failed is done again.
  private static let pauses: [Int64] = [1_000_000_000, 10_000_000_000, 60_000_000_000]
  /// Nanoseconds after which one that has failed is not done again at the next start.
  private static let longestLife: Int64 = 7 * 86_400_000_000_000
  /// How many of an earlier host are done at once.
  private static let leftAtOnce = 16

  /// By kind. The standard modules add theirs before the first script is loaded.
  private let handlers: Mutex<[String: AfterRunHandler]>
  private let services: Services
  private let state = Mutex(State())

  init(_ handlers: [AfterRunHandler], _ services: Services) {
    self.handlers = Mutex([:])
    self.services = services
    add(handlers)
  }

  /// The first one of a kind counts.
  func add(_ more: [AfterRunHandler]) {
    handlers.withLock { handlers in
      for handler in more where handlers[handler.kind] == nil { handlers[handler.kind] = handler }
    }
  }

  private func handler(_ kind: String) -> AfterRunHandler? { handlers.withLock { $0[kind] } }

  // MARK: Making one

  /// Stores a request, and gives the run what it holds for that. Returns when the request is safe in the store.
  func leave(
    _ kind: String, _ payload: Value, script: String, run: Run.ID, hold: MemoryHold,
    _ keep: (RunResource) -> Void
  ) async throws(Refusal) -> AfterRun {
    let id = try await add(kind, payload, script: script, run: run, hold: hold).id
    let box = ResourceBox()
    let resource = RunResource(kind) { [self] in begin(id) { box.end() } }
    box.set(resource)
    keep(resource)
    return AfterRun(resource) { [self] in
      guard take(id) else { return false }
      remove(id)
      return true
    }
  }

  private func add(
    _ kind: String, _ payload: Value, script: String, run: Run.ID, hold: MemoryHold
  ) async throws(Refusal) -> AfterRunRequest {
    guard handler(kind) != nil else {
      throw Refusal("no module does \"\(kind)\" after a run", code: "unknown")
    }
    guard payload.footprint <= Self.payloadLimit else {
      throw Refusal(
        "what is to be done after a run has at most \(Self.payloadLimit) bytes", code: "too_large")
    }
    let request = try enter(kind, payload, script, run, hold)
    do throws(StoreError) {
      try await store(.afterRun(request))
    } catch {
      forget(request.id)
      throw Refusal(error.description, code: error.code.rawValue)
    }
    return request
  }

  private func enter(
    _ kind: String, _ payload: Value, _ script: String, _ run: Run.ID, _ hold: MemoryHold
  ) throws(Refusal) -> AfterRunRequest {
    let now = services.clock.read().wall
    return try state.withLock { state throws(Refusal) in
      guard state.counts[run, default: 0] < Self.runLimit else {
        throw Refusal("a run leaves at most \(Self.runLimit) requests for its end", code: "full")
      }
      guard state.entries.count < Self.hostLimit else {
        throw Refusal(
          "\(Self.hostLimit) requests wait for the end of runs; no more fit", code: "full")
      }
      state.lastID += 1
      state.counts[run, default: 0] += 1
      let request = AfterRunRequest(
        id: state.lastID, script: script, run: run, kind: kind, payload: payload, at: now)
      state.entries[request.id] = Entry(request: request, hold: hold)
      return request
    }
  }

  /// Commits a change at once.
  private func store(_ change: StoreChange) async throws(StoreError) {
    guard let writer = services.writer else {
      return try services.store.commit([change], isDurable: false)
    }
    let failure = await withCheckedContinuation {
      (continuation: CheckedContinuation<StoreError?, Never>) in
      writer.query { store in
        do throws(StoreError) {
          try store.commit([change], isDurable: true)
          continuation.resume(returning: nil)
        } catch {
          continuation.resume(returning: error)
        }
      } orElse: {
        continuation.resume(returning: StoreError(.closed, "the host stops"))
      }
    }
    if let failure { throw failure }
  }

  // MARK: Doing it

  /// Claims a request that has not begun. False if it has, or is done.
  private func take(_ id: Int64) -> Bool {
    state.withLock { state in
      guard state.entries[id]?.isBegun == false, !state.isStopped else { return false }
      state.entries[id]?.isBegun = true
      return true
    }
  }

  /// Begins a request, and calls `done` when the first attempt is over.
  private func begin(_ id: Int64, done: @escaping @Sendable () -> Void) {
    guard take(id) else { return }
    perform(id, done: done)
  }

  private func perform(_ id: Int64, done: @escaping @Sendable () -> Void = {}) {
    let request = state.withLock { $0.isStopped ? nil : $0.entries[id]?.request }
    guard let request, let handler = handler(request.kind) else { return done() }
    let task = Task { [self] in
      do {
        try await handler.body(request)
        remove(id)
      } catch {
        failed(request, "\(error)")
      }
      done()
    }
    let isStopped = state.withLock { state in
      state.entries[id]?.task = task
      return state.isStopped
    }
    if isStopped { task.cancel() }
  }

  private func failed(_ request: AfterRunRequest, _ error: String) {
    let (isStopped, failures) = state.withLock { state in
      state.entries[request.id]?.failures += 1
      return (state.isStopped, state.entries[request.id]?.failures ?? 0)
    }
    guard !isStopped else { return }
    let pause = failures <= Self.pauses.count ? Self.pauses[max(1, failures) - 1] : nil
    let next =
      pause.map { "it is tried again in \($0 / 1_000_000_000) s" }
      ?? "it is tried again at the next start"
    services.log.repeatable(
      .warning,
      "\(request.kind), which was to be done after a run, has failed; \(next): \(error)",
      ["script": .string(request.script), "run": .stringConvertible(request.run)])
    guard let pause else { return }
    let due = services.clock.elapsed.saturatingSum(pause)
    services.inbox.post(.callAt(due) { [self] in perform(request.id) })
  }

  /// Forgets a request that is done, or is not to be done.
  private func remove(_ id: Int64) {
    forget(id)
    let change = StoreChange.afterRunDone(id)
    guard services.writer == nil else {
      services.writer?.append([StoreWrite(change)])
      return
    }
    do {
      try services.store.commit([change], isDurable: false)
    } catch {
      services.log.logger.error("what was done after a run stays in the store: \(error)")
    }
  }

  private func forget(_ id: Int64) {
    state.withLock { state in
      guard let entry = state.entries.removeValue(forKey: id) else { return }
      let left = state.counts[entry.request.run, default: 1] - 1
      state.counts[entry.request.run] = left > 0 ? left : nil
    }
  }

  // MARK: Of an earlier host

  /// Begins what an earlier host has left. Call it when the store's writer works. `hold` counts the memory of one.
  package func resume(_ requests: [AfterRunRequest], hold: (AfterRunRequest) -> MemoryHold) {
    guard !requests.isEmpty else { return }
    let now = services.clock.read().wall
    var unknown: Set<String> = []
    var old: [AfterRunRequest] = []
    state.withLock { state in
      for request in requests {
        state.lastID = max(state.lastID, request.id)
        state.entries[request.id] = Entry(request: request, isBegun: true, hold: hold(request))
        if handler(request.kind) == nil {
          unknown.insert(request.kind)
        } else if request.at.distance(to: now) > Self.longestLife {
          old.append(request)
        } else {
          state.left.append(request.id)
        }
      }
    }
    for request in old {
      remove(request.id)
      services.log.logger.error(
        "\(request.kind) was to be done after a run a week ago, has failed since, and is given up",
        metadata: ["script": .string(request.script), "run": .stringConvertible(request.run)])
    }
    for kind in unknown.sorted() {
      services.log.logger.warning(
        "\"\(kind)\" is to be done after runs of an earlier host, but no module of this host does it: it is kept"
      )
    }
    for _ in 0..<Self.leftAtOnce { performLeft() }
  }

  private func performLeft() {
    let id = state.withLock { $0.left.isEmpty ? nil : $0.left.removeFirst() }
    guard let id else { return }
    perform(id) { [self] in performLeft() }
  }

  // MARK: The end

  /// Begins nothing more, and cancels what has begun. Returns how many are not done: they stay in the store.
  package func stop() -> Int {
    let (tasks, count) = state.withLock { state in
      state.isStopped = true
      return (state.entries.values.compactMap(\.task), state.entries.count)
    }
    for task in tasks { task.cancel() }
    return count
  }
}

/// A resource that its own release must reach.
private final class ResourceBox: Sendable {
  private let resource = Mutex<RunResource?>(nil)

  func set(_ new: RunResource) { resource.withLock { $0 = new } }

  /// Ends the resource, once.
  func end() {
    let ended = resource.withLock { resource in
      defer { resource = nil }
      return resource
    }
    ended?.end()
  }
}
