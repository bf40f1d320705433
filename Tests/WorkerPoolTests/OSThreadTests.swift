import Glibc
import SystemCalls
import Testing

@testable import WorkerPool

@Suite struct OSThreadTests {
  @Test func `a thread runs its body, and join waits for it`() throws {
    let gate = Condition(false)
    let done = Condition(false)
    let thread = try OSThread(name: "body") {
      gate.wait(while: { !$0 })
      done.withLock { $0 = true }
    }
    gate.withLock { $0 = true }
    gate.signal()
    thread.join()
    #expect(done.withLock { $0 })
  }

  @Test func `join may be called twice and from several threads`() throws {
    let gate = Condition(false)
    let thread = try OSThread(name: "joined") { gate.wait(while: { !$0 }) }
    let joiners = try (0..<3).map { _ in try OSThread(name: "joiner") { thread.join() } }
    gate.withLock { $0 = true }
    gate.broadcast()
    for joiner in joiners { joiner.join() }
    thread.join()
  }

  @Test func `the kernel has the thread's name and number`() throws {
    let seen = Condition(("", ""))
    let thread = try OSThread(name: "fifteen-bytes-x") {
      let name = firstLine(of: "/proc/thread-self/comm")
      let number = firstLine(of: "/proc/thread-self/stat").prefix { $0 != " " }
      seen.withLock { $0 = (name, String(number)) }
    }
    thread.join()
    let (name, number) = seen.withLock { $0 }
    #expect(name == "fifteen-bytes-x")
    #expect(thread.threadID.map(String.init) == number)
  }

  @Test(arguments: [
    (SIGTERM, true), (SIGINT, true), (SIGHUP, true), (SIGCHLD, true),
    (SIGUSR1, true), (SIGPIPE, true), (SIGURG, false), (SIGSEGV, false), (SIGBUS, false),
  ])
  func `a new thread receives only faults and SIGURG`(signal: Int32, blocked: Bool) throws {
    let before = mask(has: signal)
    let seen = Condition<Bool?>(nil)
    try OSThread(name: "mask") { seen.withLock { $0 = mask(has: signal) } }.join()
    #expect(seen.withLock { $0 } == blocked)
    #expect(mask(has: signal) == before)
  }

  @Test func `the stack has the requested size`() throws {
    let used = Condition(0)
    try OSThread(name: "deep", stackSize: 4 << 20) {
      used.withLock {
        $0 = unsafe withUnsafeTemporaryAllocation(byteCount: 3 << 20, alignment: 8) {
          unsafe $0.initializeMemory(as: UInt8.self, repeating: 1).count
        }
      }
    }.join()
    #expect(used.withLock { $0 } == 3 << 20)
  }

  @Test func `a thread releases its body when it has run`() throws {
    final class Held: Sendable {}
    var held: Held? = Held()
    weak let watched = held
    let thread = try OSThread(name: "release") { [held] in withExtendedLifetime(held) {} }
    held = nil
    thread.join()
    #expect(watched == nil)
  }

  @Test func `a thread outlives its object`() throws {
    let done = Condition(false)
    do {
      _ = try OSThread(name: "left alone") {
        done.withLock { $0 = true }
        done.signal()
      }
    }
    #expect(done.wait(until: Clocks.monotonic() + 10_000_000_000) { $0 ? true : nil } == true)
  }

  @Test func `an impossible stack is an error that names the call`() {
    #expect {
      _ = try OSThread(name: "huge", stackSize: 1 << 46) {}
    } throws: { error in
      String(describing: error).hasPrefix("pthread_")
    }
  }
}

private func mask(has signal: Int32) -> Bool {
  var mask = sigset_t()
  unsafe pthread_sigmask(SIG_BLOCK, nil, &mask)
  return unsafe sigismember(&mask, signal) == 1
}

private func firstLine(of path: String) -> String {
  guard let file = unsafe fopen(path, "r") else { return "" }
  defer { unsafe fclose(file) }
  var line = [UInt8](repeating: 0, count: 256)
  let count = unsafe fread(&line, 1, line.count, file)
  return String(decoding: line.prefix(count).prefix { $0 != 10 }, as: UTF8.self)
}
