import Testing
import WorkerPool

@testable import SystemCalls

/// Each test uses a thread of its own.
@Suite struct CurrentThreadTests {
  /// The first line of a file about a new thread in `/proc`, after that thread has run `body`.
  private func firstLine(of name: String, after body: @escaping @Sendable () -> Void) throws
    -> String
  {
    let line = Condition("")
    try OSThread(name: "current") {
      body()
      let path = "/proc/self/task/\(CurrentThread.id)/\(name)"
      line.withLock { $0 = Self.firstLine(of: path) }
    }.join()
    return line.withLock { $0 }
  }

  private static func firstLine(of path: String) -> String {
    do {
      let bytes = try RegularFile.read(path, atMost: 1 << 16)
      return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    } catch {
      return "\(error)"
    }
  }

  @Test func `a thread has the name that it sets`() throws {
    let name = try firstLine(of: "comm") { CurrentThread.setName("fifteen-bytes-x") }
    #expect(name == "fifteen-bytes-x")
  }

  /// The kernel offers the slack of a thread under its number in `/proc`, not in `/proc/self/task`.
  @Test func `timer slack belongs to the thread that sets it`() throws {
    let slack = Condition((own: "", other: ""))
    let before = CurrentThread.id
    try OSThread(name: "slack") {
      CurrentThread.setTimerSlack(nanoseconds: 1234)
      let own = Self.firstLine(of: "/proc/\(CurrentThread.id)/timerslack_ns")
      let other = Self.firstLine(of: "/proc/\(before)/timerslack_ns")
      slack.withLock { $0 = (own, other) }
    }.join()
    #expect(slack.withLock { $0.own } == "1234")
    #expect(slack.withLock { $0.other } != "1234")
  }
}
