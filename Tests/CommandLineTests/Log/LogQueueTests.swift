import Glibc
import SystemCalls
import Testing
import WorkerPool

@testable import MoonwheelCLI

@Suite struct LogQueueTests {
  private static let drainTimeout: Int64 = 10_000_000_000

  private func pipe(nonBlocking: Bool = false) throws -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [0, 0]
    try #require(unsafe Glibc.pipe(&ends) == 0)
    if nonBlocking { try #require(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0) }
    return (ends[0], ends[1])
  }

  private func sink(
    _ descriptor: Int32, drainTimeout: Int64 = LogQueueTests.drainTimeout
  ) throws -> LogSink {
    let sink = LogSink(descriptor: descriptor)
    try sink.startQueue(drainTimeout: drainTimeout) { "omitted \($0)" }
    return sink
  }

  /// Reads lines until one has this text.
  private func lines(_ descriptor: Int32, until part: String) throws -> [String] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let end = Array((part + "\n").utf8)
    while bytes.suffix(end.count) != end[...] {
      let count = unsafe read(descriptor, &buffer, buffer.count)
      try #require(count > 0)
      bytes += buffer.prefix(count)
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test(arguments: [false, true])
  func `no caller waits for a full pipe, and omitted lines are counted`(nonBlocking: Bool) throws {
    let (reading, writing) = try pipe(nonBlocking: nonBlocking)
    defer { close(reading) }
    let sink = try sink(writing)
    let text = String(repeating: "x", count: 999)
    let count = 3 * LogQueue.capacity / 1_000
    for number in 0..<count { sink.write("\(number) \(text)") }
    let reader = Condition<[String]?>(nil)
    _ = try OSThread(name: "reader") {
      var read: [String] = []
      do { read = try lines(reading, until: "last") } catch { Issue.record(error) }
      reader.withLock { $0 = read }
      reader.broadcast()
    }
    sink.drain()
    sink.write("last")
    let read = reader.wait { $0 }
    let omitted = read.filter { $0.hasPrefix("omitted ") }.compactMap { Int($0.dropFirst(8)) }
    let whole = read.filter { $0.hasSuffix(text) }
    #expect(!omitted.isEmpty)
    #expect(whole.count + omitted.reduce(0, +) == count)
    let numbers = whole.compactMap { $0.split(separator: " ").first.flatMap { Int($0) } }
    #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
    #expect(read.last == "last")
  }

  @Test func `a drain ends after its timeout`() throws {
    let (reading, writing) = try pipe()
    defer { close(reading) }
    let sink = try sink(writing, drainTimeout: 100_000_000)
    sink.write(String(repeating: "x", count: 200_000))
    let begun = Clocks.monotonic()
    sink.drain()
    #expect((100_000_000..<2_000_000_000).contains(Clocks.monotonic() - begun))
  }

  @Test func `lines that no reader gets are counted for the next reader`() throws {
    let (reading, writing) = try pipe()
    let gone = fcntl(writing, F_GETFD)  // this end stays open
    try #require(gone >= 0)
    signal(SIGPIPE, SIG_IGN)
    close(reading)
    let sink = try sink(writing)
    for number in 0..<10 {
      sink.write("lost \(number)")
      sink.drain()
    }
    let (next, end) = try pipe()
    defer { close(next) }
    try #require(dup2(end, writing) == writing)
    sink.write("heard")
    #expect(try lines(next, until: "heard") == ["omitted 10", "heard"])
  }
}
