import CCurl
import SystemCalls
import SystemIO

/// The transfers of a host, seen from the I/O thread, which alone touches this.
///
/// Safe although C holds a pointer to it: `stop` frees what holds it, on this thread, before the thread lets go of this.
@safe final class TransferLoop {
  /// Connections to one origin, and those that are kept while nobody uses them.
  private static let (connectionsOfOrigin, idleConnections) = (16, 64)
  /// Bytes of a body that wait for a sink.
  static let atOnce = 256 << 10

  let thread: IOThread
  let resolver: Resolver
  let files: BlockingPool
  var exchanges: [UInt64: Exchange] = [:]
  var handles = unsafe [UInt64: OpaquePointer]()
  private var queue = TransferQueue()
  private var multi: OpaquePointer?
  private var sockets: TransferSockets?
  private var timer: (timer: IOLoop.Timer, deadline: Int64)?
  private var timers: [UInt64: IOLoop.Timer] = [:]
  private var tenant: IOLoop.Tenant?
  private var isStopped = false
  /// Those that have asked for something in the middle of a step of libcurl.
  private var asking: [(id: UInt64, event: ccurl_event)] = []

  init(_ thread: IOThread, _ resolver: Resolver, _ files: BlockingPool) {
    self.thread = thread
    self.resolver = resolver
    self.files = files
  }

  // MARK: Beginning

  func add(
    _ id: UInt64, _ request: TransferRequest, _ policy: TransferPolicy,
    _ then: @escaping @Sendable (TransferResult) -> Void, _ loop: IOLoop
  ) {
    let exchange = Exchange(id, request, policy, then)
    guard open(loop) else { return then(.failure(TransferFailure(.cancelled, "the host stops"))) }
    let begins = queue.begin(request.owner)
    guard begins || !queue.isFull else {
      return then(.failure(exchange.failure(.busy, "too many requests of this host wait")))
    }
    exchanges[id] = exchange
    guard begins else { return queue.wait(id, of: request.owner) }
    start(exchange, loop)
    settle(loop)
  }

  /// Makes what is needed at the first request.
  private func open(_ loop: IOLoop) -> Bool {
    guard !isStopped else { return false }
    guard unsafe multi == nil else { return true }
    var callbacks = unsafe ccurl_callbacks()
    unsafe callbacks.context = Unmanaged.passUnretained(self).toOpaque()
    unsafe callbacks.on_socket = { context, socket, bits in
      unsafe TransferLoop.of(context).sockets?.want(socket, bits)
    }
    unsafe callbacks.on_close = { context, socket in
      unsafe TransferLoop.of(context).sockets?.forget(socket)
    }
    unsafe callbacks.on_event = { context, id, event, size in
      unsafe TransferLoop.of(context).happened(id, event, size)
    }
    unsafe multi = ccurl_multi_create(
      callbacks, Self.connectionsOfOrigin, Self.idleConnections)
    sockets = TransferSockets(loop) { [unowned self] loop, socket, bits in
      act(socket, bits, loop)
    }
    tenant = loop.add(tenant: { [unowned self] in stop($0) })
    return unsafe multi != nil
  }

  private static func of(_ context: UnsafeMutableRawPointer?) -> TransferLoop {
    guard let context = unsafe context else { preconditionFailure("a callback has no context") }
    return unsafe Unmanaged<TransferLoop>.fromOpaque(context).takeUnretainedValue()
  }

  /// It has its place.
  private func start(_ exchange: Exchange, _ loop: IOLoop) {
    exchange.begin()
    hop(exchange, loop)
  }

  /// Goes to the URL of the request.
  private func hop(_ exchange: Exchange, _ loop: IOLoop) {
    if let failure = exchange.policy.name(exchange.request.url) {
      return finish(exchange, .failure(failure), loop)
    }
    guard exchange.request.socket == nil else {
      exchange.addresses = []
      return transfer(exchange, loop)
    }
    exchange.proxy = exchange.request.proxies(exchange.request.url)
    let target = exchange.target
    guard !target.isAddress else { return found(.addresses([target.host]), exchange, loop) }
    exchange.phase = .lookup
    let (id, thread) = (exchange.id, thread)
    let owned = LoopOwned(self)
    let isHere = LookupAnswer()
    resolver.find(target.host, for: exchange.request.owner) { answer in
      // Known names are answered at once, on this thread.
      guard !isHere.keep(answer) else { return }
      thread.tell { loop in owned(loop).answered(answer, id, loop) }
    }
    if let answer = isHere.close() { return found(answer, exchange, loop) }
    wait(for: exchange, loop)
  }

  private func answered(_ answer: Resolver.Answer, _ id: UInt64, _ loop: IOLoop) {
    guard let exchange = exchanges[id], exchange.phase == .lookup else { return }
    stopWaiting(for: exchange, loop)
    found(answer, exchange, loop)
    settle(loop)
  }

  private func found(_ answer: Resolver.Answer, _ exchange: Exchange, _ loop: IOLoop) {
    let target = exchange.target
    switch answer {
    case .failure(let reason):
      finish(exchange, .failure(exchange.failure(.dns, "\(target.host): \(reason)")), loop)
    case .busy:
      finish(exchange, .failure(exchange.failure(.busy, "too many lookups of names wait")), loop)
    case .addresses(let all):
      let isFree = exchange.proxy?.isOfHost == true
      exchange.addresses = isFree ? all : all.filter { exchange.policy.address($0, target) }
      guard !exchange.addresses.isEmpty else {
        return finish(exchange, .failure(exchange.policy.addressDenial(target)), loop)
      }
      transfer(exchange, loop)
    }
  }

  /// Connects, or takes a connection that is there, and sends.
  private func transfer(_ exchange: Exchange, _ loop: IOLoop) {
    guard let multi = unsafe multi, let handle = unsafe ccurl_transfer_create(multi, exchange.id)
    else {
      return finish(exchange, .failure(exchange.failure(.busy, "there is no memory for it")), loop)
    }
    exchange.phase = .transfer
    exchange.sent = 0
    unsafe handles[exchange.id] = handle
    guard unsafe exchange.prepare(handle), unsafe ccurl_begin(handle) else {
      free(exchange)
      return finish(
        exchange, .failure(exchange.failure(.protocol, "libcurl refuses it")), loop)
    }
  }

  // MARK: Waiting

  /// libcurl knows the time limit of a transfer; before it begins, a timer does.
  private func wait(for exchange: Exchange, _ loop: IOLoop) {
    guard exchange.deadline < .max else { return }
    timers[exchange.id] = loop.setTimer(at: exchange.deadline) { [unowned self] loop in
      timers[exchange.id] = nil
      finish(exchange, .failure(exchange.tooLate), loop)
      settle(loop)
    }
  }

  private func stopWaiting(for exchange: Exchange, _ loop: IOLoop) {
    if let timer = timers.removeValue(forKey: exchange.id) { loop.cancel(timer) }
  }

  private func act(_ socket: Int32, _ bits: Int32, _ loop: IOLoop) {
    guard let multi = unsafe multi else { return }
    unsafe ccurl_act(multi, socket, bits)
    settle(loop)
  }

  /// Called within a step of libcurl: what it leads to waits for the end of the step.
  private func happened(_ id: UInt64, _ event: ccurl_event, _ size: Int) -> Int32 {
    guard event != CCURL_ROOM else {
      return exchanges[id]?.request.hasRoom(size) == true ? 0 : 1
    }
    asking.append((id, event))
    return 0
  }

  /// Does what the last step has led to, and sees to the next one. Call it after each.
  func settle(_ loop: IOLoop) {
    guard let multi = unsafe multi else { return }
    while true {
      var result: Int32 = 0
      if let handle = unsafe ccurl_next_done(multi, &result) {
        if let exchange = exchanges[unsafe ccurl_transfer_id(handle)] {
          unsafe done(exchange, handle, result, loop)
        }
      } else if let next = asking.popLast() {
        if let exchange = exchanges[next.id], let handle = unsafe handles[next.id] {
          unsafe asked(exchange, handle, next.event)
        }
      } else if let id = queue.next() {
        if let exchange = exchanges[id] { start(exchange, loop) }
      } else {
        break
      }
    }
    setTimer(loop, unsafe ccurl_due(multi))
  }

  /// The timer is left where it is if it comes too early: setting it anew for each request would take longer.
  private func setTimer(_ loop: IOLoop, _ due: Int64) {
    guard due >= 0 else { return }
    if let timer {
      guard timer.deadline > due else { return }
      loop.cancel(timer.timer)
    }
    let next = loop.setTimer(at: due) { [unowned self] loop in
      timer = nil
      guard let multi = unsafe multi else { return }
      let due = unsafe ccurl_due(multi)
      if due >= 0, due <= Clocks.elapsed() { act(-1, 0, loop) } else { setTimer(loop, due) }
    }
    timer = (next, due)
  }

  // MARK: Ending

  /// libcurl has finished with a transfer.
  private func done(
    _ exchange: Exchange, _ handle: OpaquePointer, _ result: Int32, _ loop: IOLoop
  ) {
    // A source that is being read is not waited for, unlike a sink, which libcurl waits for.
    if exchange.phase == .file, !exchange.hasSink {
      exchange.phase = .transfer
      exchange.step += 1
    }
    if let failure = unsafe exchange.problem(handle, result) {
      let hasNext = unsafe exchange.mayTryNextAddress(handle, result)
      free(exchange)
      guard hasNext else { return finish(exchange, .failure(failure), loop) }
      exchange.addresses.removeFirst()
      return transfer(exchange, loop)
    }
    if exchange.addresses.count > 0, !exchange.target.isAddress {
      resolver.prefer(exchange.addresses[0], of: exchange.target.host)
    }
    let response = unsafe exchange.response(handle)
    free(exchange)
    do throws(TransferFailure) {
      if exchange.follows(response.status),
        try exchange.redirect(response.status, HeadLines(response.head))
      {
        return hop(exchange, loop)
      }
      complete(exchange, response, loop)
    } catch {
      finish(exchange, .failure(error), loop)
    }
  }

  private func free(_ exchange: Exchange) {
    guard let handle = unsafe handles.removeValue(forKey: exchange.id) else { return }
    unsafe ccurl_transfer_free(handle)
  }

  /// Ends it: call `settle` after it.
  func finish(_ exchange: Exchange, _ result: TransferResult, _ loop: IOLoop) {
    guard exchanges[exchange.id] != nil else { return }
    guard exchange.phase != .file else {
      // The file is in use: what is to be said waits for it.
      if case .failure(let failure) = result { exchange.ending = failure }
      free(exchange)
      return
    }
    exchanges[exchange.id] = nil
    stopWaiting(for: exchange, loop)
    free(exchange)
    if exchange.phase == .queued {
      queue.forget(exchange.id, of: exchange.request.owner)
    } else {
      queue.end(exchange.request.owner)
    }
    guard exchange.hasSink, let sink = exchange.request.sink else { return exchange.then(result) }
    let then = exchange.then
    let isTaken = files.submit(for: exchange.request.owner) {
      sink.discard()
      then(result)
    }
    if !isTaken { then(result) }
  }

  func cancel(_ id: UInt64) {
    guard let exchange = exchanges[id], let loop = sockets?.loop else { return }
    finish(exchange, .failure(exchange.failure(.cancelled, "the run has ended")), loop)
    settle(loop)
  }

  /// The host stops.
  private func stop(_ loop: IOLoop) {
    isStopped = true
    for exchange in exchanges.values {
      exchange.phase = exchange.phase == .file ? .transfer : exchange.phase
      finish(exchange, .failure(exchange.failure(.cancelled, "the host stops")), loop)
    }
    if let multi = unsafe multi { unsafe ccurl_multi_free(multi) }
    unsafe multi = nil
    sockets = nil
    if let timer { loop.cancel(timer.timer) }
    timer = nil
    if let tenant { loop.remove(tenant) }
  }
}
