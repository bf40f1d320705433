import COutside
import SystemCalls

/// What a descriptor is waited for.
package struct Readiness: OptionSet, Sendable {
  package let rawValue: UInt32

  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let readable = Readiness(rawValue: OUTSIDE_READABLE.rawValue)
  package static let writable = Readiness(rawValue: OUTSIDE_WRITABLE.rawValue)
  /// The other end is gone, or the descriptor has failed. Reported whether or not somebody waits for it.
  package static let hungUp = Readiness(rawValue: OUTSIDE_HUNG_UP.rawValue)
}

/// Any number of descriptors that one thread waits for at once, each under a token (`epoll`). Each is reported as long as
/// it is ready.
///
/// Safe because the array that the system fills in outlives the call and is passed with its length.
struct PollSet: ~Copyable {
  private let descriptor: Descriptor
  private var events = [outside_event](repeating: outside_event(), count: 64)

  init() throws(SystemCallError) {
    descriptor = try Descriptor(outside_poll_create(), of: "epoll_create1")
  }

  func add(_ number: Int32, as token: UInt64, for interest: Readiness) throws(SystemCallError) {
    let status = outside_poll_add(descriptor.number, number, token, interest.rawValue)
    guard status == 0 else { throw SystemCallError(call: "epoll_ctl", code: ErrorNumber.last) }
  }

  func change(_ number: Int32, as token: UInt64, for interest: Readiness) {
    let status = outside_poll_change(descriptor.number, number, token, interest.rawValue)
    precondition(
      status == 0, "descriptor \(number) is not waited for: errno \(ErrorNumber.last)")
  }

  /// It is no error if the descriptor was closed before.
  func remove(_ number: Int32) { _ = outside_poll_remove(descriptor.number, number) }

  /// Waits until a descriptor is ready, and calls the body for each that is, up to 64 of them.
  mutating func wait(_ body: (UInt64, Readiness) -> Void) {
    let capacity = Int32(events.count)
    let count = unsafe events.withUnsafeMutableBufferPointer { buffer in
      unsafe outside_poll_wait(descriptor.number, buffer.baseAddress, capacity)
    }
    precondition(count >= 0, "epoll_wait failed: errno \(ErrorNumber.last)")
    for event in events.prefix(Int(count)) {
      body(event.token, Readiness(rawValue: event.bits))
    }
  }
}
