import BenchmarkSupport
import CCurl
import Glibc

/// libcurl's multi interface in a loop over `poll`, in this thread: the limit of what is built on it.
final class BareTransfers {
  private var sockets: [Int32: Int32] = [:]
  private var multi: OpaquePointer?
  private let url: String
  private var (left, done): (Int, Int)

  init(_ url: String, _ count: Int) {
    self.url = url
    (left, done) = (count, 0)
    precondition(ccurl_load() == nil, "there is no libcurl")
    var callbacks = ccurl_callbacks()
    callbacks.context = Unmanaged.passUnretained(self).toOpaque()
    callbacks.on_socket = { context, socket, bits in
      BareTransfers.of(context).sockets[socket] = bits
    }
    callbacks.on_close = { context, socket in BareTransfers.of(context).sockets[socket] = nil }
    callbacks.on_event = { _, _, _, _ in 0 }
    multi = ccurl_multi_create(callbacks, 1_000, 1_000)
  }

  private static func of(_ context: UnsafeMutableRawPointer?) -> BareTransfers {
    Unmanaged<BareTransfers>.fromOpaque(context!).takeUnretainedValue()
  }

  private func begin() {
    left -= 1
    let transfer = ccurl_transfer_create(multi, 1)
    ccurl_set_text(transfer, Int32(CCURL_URL.rawValue), url)
    ccurl_pin(transfer, "127.0.0.1")
    ccurl_bound(transfer, 1 << 16, 1 << 20, 0)
    ccurl_begin(transfer)
  }

  func run(inFlight: Int) -> Times {
    let (began, used, count) = (Process.monotonicTime(), Process.processorTime(), left)
    for _ in 0..<min(inFlight, left) { begin() }
    while done < count {
      for socket in ready() { ccurl_act(multi, socket.fd, Self.bits(socket.revents)) }
      ccurl_act(multi, -1, 0)
      takeAnswers()
    }
    ccurl_multi_free(multi)
    return Times(since: began, used: used)
  }

  private func ready() -> [pollfd] {
    var wanted: [pollfd] = []
    for (socket, bits) in sockets where bits != 0 {
      let events = (bits & 1) * POLLIN | (bits & 2) / 2 * POLLOUT
      wanted.append(pollfd(fd: socket, events: Int16(events), revents: 0))
    }
    poll(&wanted, nfds_t(wanted.count), 100)
    return wanted.filter { $0.revents != 0 }
  }

  private static func bits(_ events: Int16) -> Int32 {
    var bits: Int32 = 0
    if Int32(events) & POLLIN != 0 { bits |= 1 }
    if Int32(events) & POLLOUT != 0 { bits |= 2 }
    return bits
  }

  private func takeAnswers() {
    var result: Int32 = 0
    while let transfer = ccurl_next_done(multi, &result) {
      precondition(result == 0, String(cString: ccurl_message(transfer, result)))
      ccurl_transfer_free(transfer)
      done += 1
      if left > 0 { begin() }
    }
  }
}

/// Seconds, and those of the processor.
struct Times {
  var wall: Double
  var cpu: Double

  static let longest = Times(wall: .infinity, cpu: .infinity)

  init(wall: Double, cpu: Double) {
    self.wall = wall
    self.cpu = cpu
  }

  /// Until now; both in nanoseconds.
  init(since began: Int64, used: Int64) {
    wall = Double(Process.monotonicTime() - began) / 1e9
    cpu = Double(Process.processorTime() - used) / 1e9
  }

  func better(_ other: Times) -> Times { other.wall < wall ? other : self }
}
