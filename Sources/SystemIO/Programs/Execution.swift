import Glibc
import SystemCalls

/// The state of a ``RunningProgram``. Used by the I/O thread alone.
final class Execution {
  /// What of it is left.
  enum Phase {
    case waiting
    case running
    /// The leader has ended, and its output is read to the end.
    case draining
    /// The end was told. Others of its group may be left.
    case leaving
    case gone
  }

  let program: Program
  let setup: ProgramSetup
  private let onEnd: (Result<ProgramEnd, ProgramStartError>) -> Void
  private let onGone: () -> Void
  private(set) var phase = Phase.waiting
  private var child: ChildProcess?
  private var streams: ProgramStreams?
  private var end = ProgramEnd(status: .unknown)
  private var started: Int64 = 0
  private var isTold = false
  /// Whether SIGKILL went to the group.
  private var isKilled = false
  private var watch: IOLoop.Watch?
  private var tenant: IOLoop.Tenant?
  /// The time limit; then the delay until SIGKILL; then how long it may take to go.
  private var lifeTimer: IOLoop.Timer?
  private var drainTimer: IOLoop.Timer?
  private var remnant: GroupRemnant?

  init(
    _ program: Program, _ setup: ProgramSetup,
    onEnd: @escaping @Sendable (Result<ProgramEnd, ProgramStartError>) -> Void,
    onGone: @escaping @Sendable () -> Void
  ) {
    self.program = program
    self.setup = setup
    self.onEnd = onEnd
    self.onGone = onGone
  }
}

/// Its life.
extension Execution {
  func start(_ loop: IOLoop) {
    guard phase == .waiting else { return }
    do throws(ProgramStartError) {
      try startChild(loop)
    } catch {
      fail(error, loop)
    }
  }

  private func startChild(_ loop: IOLoop) throws(ProgramStartError) {
    let prepared = try ProgramStreams.prepare(setup)
    let child = try ChildProcess(
      program, input: prepared.input, output: prepared.output, error: prepared.error)
    self.child = child
    loop.leaders[child.id] = .some(program.mark)
    phase = .running
    started = Clocks.elapsed()
    let streams = ProgramStreams(prepared, setup) { self.streamEnded($0) }
    self.streams = streams
    tenant = loop.add(tenant: { self.kill($0) }, onAbandon: { self.abandon($0) })
    do throws(SystemCallError) {
      watch = try loop.watch(child.descriptor.number, for: .readable) { loop, _ in
        self.leaderEnded(loop)
      }
      try streams.start(loop)
    } catch {
      // Nothing would tell its end.
      child.killAndReap()
      loop.leaders[child.id] = nil
      throw ProgramStartError(step: .process, cause: error)
    }
    guard let timeout = setup.timeout else { return }
    setLifeTimer(in: timeout, loop) { $0.end($1, for: .timeout) }
  }

  private func fail(_ error: ProgramStartError, _ loop: IOLoop) {
    streams?.close(loop)
    if let watch { loop.end(watch) }
    isTold = true
    onEnd(.failure(error))
    leave(loop)
  }

  /// Asks it to end. The first reason is kept.
  func end(_ loop: IOLoop, for reason: ProgramEnd.Reason) {
    switch phase {
    case .running:
      guard end.endedFor == nil else { return }
      end.endedFor = reason
      child?.signalGroup(SIGTERM)
      // One that is stopped gets SIGTERM only when it continues.
      child?.signalGroup(SIGCONT)
      setLifeTimer(in: setup.killAfter, loop) { $0.kill($1) }
    case .draining: drained(loop)
    case .waiting, .leaving, .gone: break
    }
  }

  func kill(_ loop: IOLoop) {
    guard phase != .waiting, phase != .gone else { return }
    isKilled = true
    child?.signalGroup(SIGKILL)
    switch phase {
    case .running:
      end.endedFor = end.endedFor ?? .request
      setLifeTimer(in: setup.drain, loop) { $0.tellStuck($1) }
    case .draining: drained(loop)
    case .leaving: leave(loop)
    case .waiting, .gone: break
    }
  }

  private func tellStuck(_ loop: IOLoop) {
    guard phase == .running else { return }
    end.status = .stuck
    end.duration = Clocks.elapsed() - started
    tell(loop)
  }

  /// The thread ends, and with it the child: the kernel kills that, and the system's first process reaps it.
  private func abandon(_ loop: IOLoop) {
    tellStuck(loop)
    if phase == .draining { tell(loop) }
    leave(loop)
  }

  private func leaderEnded(_ loop: IOLoop) {
    guard phase == .running, let status = child?.end() else { return }
    end.status = status
    end.duration = Clocks.elapsed() - started
    if let watch { loop.end(watch) }
    watch = nil
    phase = .draining
    streams?.closeInput(loop)
    guard streams?.isReading == true else { return drained(loop) }
    drainTimer = loop.setTimer(at: Clocks.elapsed() + setup.drain) { self.drained($0) }
  }

  private func streamEnded(_ loop: IOLoop) {
    guard phase == .draining, streams?.isReading == false else { return }
    drained(loop)
  }
}

/// Its end.
extension Execution {
  /// Ends what is left of the group, and tells the end. The leader is reaped only after the first signal, since its number
  /// is that of the group; on older kernels nothing else keeps the number from being used again.
  private func drained(_ loop: IOLoop) {
    guard phase == .draining else { return }
    phase = .leaving
    if let drainTimer { loop.cancel(drainTimer) }
    let leavesRest = setup.leavesRest && end.endedFor == nil && !isKilled
    if !leavesRest { child?.signalGroup(isKilled ? SIGKILL : SIGTERM) }
    reap(loop)
    tell(loop)
    guard !isKilled, !leavesRest, child?.hasGroup == true else { return leave(loop) }
    child?.signalGroup(SIGCONT)
    // After a request to end, the group has the time that the leader was given.
    if end.endedFor == nil || lifeTimer == nil {
      setLifeTimer(in: setup.leftoverGrace, loop) { $0.kill($1) }
    }
    guard let id = child?.id else { return }
    let remnant = GroupRemnant(id) { self.leave($0) }
    self.remnant = remnant
    remnant.start(loop)
  }

  private func reap(_ loop: IOLoop) {
    guard let child else { return }
    child.reap()
    loop.leaders[child.id] = nil
    loop.onReaped?(loop)
  }

  /// Tells the end, once.
  private func tell(_ loop: IOLoop) {
    guard !isTold else { return }
    isTold = true
    streams?.close(loop)
    if let streams { (end.output, end.error) = (streams.output, streams.error) }
    onEnd(.success(end))
    // The output may be large, and the rest may take long.
    streams = nil
    (end.output, end.error) = (CapturedOutput(atMost: 0), CapturedOutput(atMost: 0))
  }

  private func leave(_ loop: IOLoop) {
    guard phase != .gone else { return }
    phase = .gone
    if let lifeTimer { loop.cancel(lifeTimer) }
    if let tenant { loop.remove(tenant) }
    remnant?.stop(loop)
    remnant = nil
    child = nil
    onGone()
  }

  private func setLifeTimer(
    in delay: Int64, _ loop: IOLoop, _ body: @escaping (Execution, IOLoop) -> Void
  ) {
    if let lifeTimer { loop.cancel(lifeTimer) }
    lifeTimer = loop.setTimer(at: Clocks.elapsed() + delay) { loop in
      self.lifeTimer = nil
      body(self, loop)
    }
  }
}
