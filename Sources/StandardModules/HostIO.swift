import SystemCalls
import SystemIO
import Transfers

/// What the standard modules of one host share to reach the outside: its one I/O thread, and what sends requests on it.
package final class HostIO: Sendable {
  package let thread: IOThread
  package let transfers: Transfers
  /// Of mails, on a thread of their own, which starts with the first: at the end of each, libcurl blocks until the server has
  /// said that it has taken the mail.
  package let mails: Transfers
  private let mailThread: IOThread

  package init(resolver: Resolver = Resolver()) {
    thread = IOThread()
    transfers = Transfers(on: thread, resolver: resolver)
    mailThread = IOThread()
    mails = Transfers(on: mailThread)
  }

  /// Ends what is under way, and waits until it is gone, or for this time of `Clocks.monotonic()`.
  package func stop(until deadline: Int64) {
    for thread in [thread, mailThread] {
      thread.stop(until: Clocks.elapsed() + max(0, deadline - Clocks.monotonic()))
    }
    transfers.stop(until: deadline)
    mails.stop(until: deadline)
  }
}
