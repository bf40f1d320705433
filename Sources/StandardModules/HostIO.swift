import SystemCalls
import SystemIO
import Transfers

/// What the standard modules of one host share to reach the outside: its one I/O thread, and what sends requests on it.
package final class HostIO: Sendable {
  package let thread: IOThread
  package let transfers: Transfers

  package init(resolver: Resolver = Resolver()) {
    thread = IOThread()
    transfers = Transfers(on: thread, resolver: resolver)
  }

  /// Ends what is under way, and waits until it is gone, or for this time of `Clocks.monotonic()`.
  package func stop(until deadline: Int64) {
    thread.stop(until: Clocks.elapsed() + max(0, deadline - Clocks.monotonic()))
    transfers.stop(until: deadline)
  }
}
