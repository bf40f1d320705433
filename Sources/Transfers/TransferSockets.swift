import CCurl
import SystemIO

/// The sockets of libcurl that the I/O thread watches.
///
/// A connection that nobody uses stays watched until it is closed or says something: its next request then takes no call of
/// the kernel for that.
final class TransferSockets {
  private struct Entry {
    let watch: IOLoop.Watch
    var watched: Int32
    /// 0 while nobody uses the connection.
    var wanted: Int32
  }

  unowned let loop: IOLoop
  private let onReady: (IOLoop, Int32, Int32) -> Void
  private var entries: [Int32: Entry] = [:]

  init(_ loop: IOLoop, _ onReady: @escaping (IOLoop, Int32, Int32) -> Void) {
    self.loop = loop
    self.onReady = onReady
  }

  /// Bits as in `CCurl`; 0 for nothing.
  func want(_ socket: Int32, _ bits: Int32) {
    if var entry = entries[socket] {
      entry.wanted = bits
      if bits != 0, bits != entry.watched {
        loop.change(entry.watch, to: Self.interest(bits))
        entry.watched = bits
      }
      entries[socket] = entry
    } else if bits != 0 {
      do {
        let watch = try loop.watch(socket, for: Self.interest(bits)) {
          [unowned self] loop, readiness in ready(socket, readiness, loop)
        }
        entries[socket] = Entry(watch: watch, watched: bits, wanted: bits)
      } catch {
        // The system has no memory for it: the time limit of the transfer ends it.
      }
    }
  }

  /// It is about to be closed.
  func forget(_ socket: Int32) {
    if let entry = entries.removeValue(forKey: socket) { loop.end(entry.watch) }
  }

  private func ready(_ socket: Int32, _ readiness: Readiness, _ loop: IOLoop) {
    guard let entry = entries[socket] else { return }
    guard entry.wanted != 0 else { return forget(socket) }
    var bits: UInt32 = 0
    if readiness.contains(.readable) { bits |= CCURL_READ.rawValue }
    if readiness.contains(.writable) { bits |= CCURL_WRITE.rawValue }
    if readiness.contains(.hungUp) { bits |= CCURL_READ.rawValue | CCURL_ERROR.rawValue }
    onReady(loop, socket, Int32(bits))
  }

  private static func interest(_ bits: Int32) -> Readiness {
    var interest: Readiness = []
    if UInt32(bits) & CCURL_READ.rawValue != 0 { interest.insert(.readable) }
    if UInt32(bits) & CCURL_WRITE.rawValue != 0 { interest.insert(.writable) }
    return interest
  }
}
