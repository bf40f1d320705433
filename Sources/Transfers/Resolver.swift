import Glibc
import Synchronization
import SystemCalls
import SystemIO

/// Looks names up, on a few threads of its own: libcurl would start one for each, and wait for it when a request is
/// cancelled. Who does not want an answer any more simply forgets it.
package final class Resolver: Sendable {
  package enum Answer: Sendable, Hashable {
    /// In numbers, the best one first.
    case addresses([String])
    case failure(String)
    /// Too many lookups wait.
    case busy
  }

  package typealias Lookup = @Sendable (_ name: String) -> Answer
  package typealias Then = @Sendable (Answer) -> Void

  private struct Entry {
    let answer: Answer
    /// Of `Clocks.elapsed()`.
    let deadline: Int64
  }

  private struct State {
    var known: [String: Entry] = [:]
    var waiting: [String: [Then]] = [:]
  }

  /// Nanoseconds that an answer holds, and a failure.
  private static let (life, failureLife): (Int64, Int64) = (60_000_000_000, 5_000_000_000)
  /// Names that are remembered, and that are looked up at once or wait.
  private static let (mostKnown, mostWaiting) = (10_000, 1_024)

  private let pool: BlockingPool
  private let lookup: Lookup
  private let state = Mutex(State())

  /// `lookup` blocks; tests give their own.
  package init(_ lookup: @escaping Lookup = Resolver.system) {
    self.lookup = lookup
    var bounds = BlockingPool.Bounds()
    bounds.threads = 4
    bounds.waiting = Self.mostWaiting
    bounds.waitingOfOne = Self.mostWaiting
    pool = BlockingPool(bounds)
  }

  /// Calls `then` with the answer: at once if it is known, else on a thread of the resolver. One lookup of a name at a
  /// time. `owner` shares the threads with other owners.
  package func find(_ name: String, for owner: String, then: @escaping Then) {
    let now = Clocks.elapsed()
    let known = state.withLock { state -> (answer: Answer?, isFirst: Bool) in
      if let entry = state.known[name], entry.deadline > now { return (entry.answer, false) }
      state.waiting[name, default: []].append(then)
      return (nil, state.waiting[name]?.count == 1)
    }
    if let answer = known.answer { return then(answer) }
    guard known.isFirst else { return }
    let isTaken = pool.submit(for: owner) { [self] in finish(name, lookup(name)) }
    if !isTaken { finish(name, .busy) }
  }

  private func finish(_ name: String, _ answer: Answer) {
    let life: Int64 = if case .addresses = answer { Self.life } else { Self.failureLife }
    let now = Clocks.elapsed()
    let waiting = state.withLock { state in
      if answer != .busy {
        if state.known.count >= Self.mostKnown {
          state.known = state.known.filter { $0.value.deadline > now }
          if state.known.count >= Self.mostKnown { state.known = [:] }
        }
        state.known[name] = Entry(answer: answer, deadline: now + life)
      }
      return state.waiting.removeValue(forKey: name) ?? []
    }
    for then in waiting { then(answer) }
  }

  /// An address that was reached goes before the others, so that later requests do not wait for those.
  package func prefer(_ address: String, of name: String) {
    state.withLock { state in
      guard case .addresses(var list)? = state.known[name]?.answer, list.first != address,
        let index = list.firstIndex(of: address), let deadline = state.known[name]?.deadline
      else { return }
      list.remove(at: index)
      list.insert(address, at: 0)
      state.known[name] = Entry(answer: .addresses(list), deadline: deadline)
    }
  }

  /// Waits for the lookups under way until a time of `Clocks.monotonic()`.
  package func stop(until deadline: Int64) { pool.stop(until: deadline) }
}

/// Safe because the list that the system makes is read before it is freed.
extension Resolver {
  /// The most addresses of a name.
  private static let most = 8

  /// As the system's settings say (`/etc/nsswitch.conf`). Blocks.
  package static func system(_ name: String) -> Answer {
    var hints = unsafe addrinfo()
    unsafe hints.ai_family = AF_UNSPEC
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    unsafe hints.ai_flags = AI_ADDRCONFIG
    var list: UnsafeMutablePointer<addrinfo>?
    var status = unsafe getaddrinfo(name, nil, &hints, &list)
    if unknown.contains(status) {
      // Without a network, names of this machine still lead somewhere.
      unsafe hints.ai_flags = 0
      status = unsafe getaddrinfo(name, nil, &hints, &list)
    }
    guard status == 0 else { return .failure(reason(status)) }
    defer { unsafe freeaddrinfo(list) }
    var addresses: [String] = []
    var next = unsafe list
    while let entry = unsafe next, addresses.count < most {
      if let text = unsafe numbers(entry.pointee), !addresses.contains(text) {
        addresses.append(text)
      }
      unsafe next = unsafe entry.pointee.ai_next
    }
    return addresses.isEmpty ? .failure("it has no address") : .addresses(addresses)
  }

  /// The last two are EAI_NODATA and EAI_ADDRFAMILY of glibc.
  private static let unknown: Set<Int32> = [EAI_NONAME, -5, -9]

  private static func numbers(_ entry: addrinfo) -> String? {
    var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let status = unsafe getnameinfo(
      entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
    guard status == 0 else { return nil }
    let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let address = String(decoding: bytes, as: UTF8.self)
    return address.contains("%") ? nil : address
  }

  private static func reason(_ status: Int32) -> String {
    if unknown.contains(status) { return "there is no such name" }
    if status == EAI_AGAIN { return "no name server answers" }
    return unsafe String(cString: gai_strerror(status))
  }
}
