import Synchronization
import SystemCalls
import SystemIO

/// Sends the requests of one host, all on its one I/O thread.
package final class Transfers: Sendable {
  package let resolver: Resolver
  private let thread: IOThread
  private let files: BlockingPool
  private let loop: LoopOwned<TransferLoop>
  private let lastID = Atomic<UInt64>(0)

  package init(on thread: IOThread, resolver: Resolver = Resolver()) {
    self.thread = thread
    self.resolver = resolver
    files = BlockingPool()
    loop = LoopOwned(TransferLoop(thread.teller, resolver, files))
  }

  /// Its requests end, since nothing else keeps what the callbacks of libcurl reach.
  deinit { thread.tell { [loop] in loop($0).stop($0) } }

  /// Sends the request soon, and calls `then` once: on the I/O thread, when the answer is there, it failed, or it was
  /// cancelled and nothing of it is left. Any thread; does not block, but for loading libcurl at the first call.
  @discardableResult
  package func send(
    _ request: TransferRequest, allowed policy: TransferPolicy,
    then: @escaping @Sendable (TransferResult) -> Void
  ) -> TransferHandle {
    let id = lastID.wrappingAdd(1, ordering: .relaxed).newValue
    let handle = TransferHandle { [thread, loop] in thread.tell { loop($0).cancel(id) } }
    if let problem = CurlLibrary.load() {
      then(.failure(TransferFailure(.connect, problem)))
      return handle
    }
    do throws(SystemCallError) {
      try thread.submit { [loop] in loop($0).add(id, request, policy, then, $0) }
    } catch {
      then(.failure(TransferFailure(.cancelled, error.description)))
    }
    return handle
  }

  /// Calls the body on the I/O thread after so many nanoseconds, unless the host has stopped before.
  package func after(_ delay: Int64, _ body: @escaping @Sendable () -> Void) {
    thread.tell { loop in _ = loop.setTimer(at: Clocks.elapsed() + delay) { _ in body() } }
  }

  /// Waits for lookups and files under way, until a time of `Clocks.monotonic()`. Stop the I/O thread before.
  package func stop(until deadline: Int64) {
    files.stop(until: deadline)
    resolver.stop(until: deadline)
  }
}

/// A request that may be ended before its answer.
package struct TransferHandle: Sendable {
  private let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }

  /// Closes its connection. No effect if it is over. Any thread, does not block.
  package func cancel() { body() }
}
