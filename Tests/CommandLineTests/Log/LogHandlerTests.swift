import Glibc
import Logging
import Testing
import WorkerPool

@testable import MoonwheelCLI

/// A pipe whose output is read until the writing end is closed.
private final class Pipe: Sendable {
  let reading: Int32
  let writing: Int32

  init() throws {
    var ends: [Int32] = [0, 0]
    try #require(unsafe pipe(&ends) == 0)
    (reading, writing) = (ends[0], ends[1])
  }

  deinit { close(reading) }

  /// Everything that was written. Closes the writing end first, unless `closing` is false.
  func all(closing: Bool = true) -> String {
    if closing { close(writing) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe read(reading, &buffer, buffer.count)
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer.prefix(count)
    }
  }
}

@Suite struct LogHandlerTests {
  @Test func `the metadata of the logger, its provider and the call are merged`() throws {
    let pipe = try Pipe()
    let sink = LogSink(descriptor: pipe.writing)
    var logger = Logger(label: "l") { _ in LineLogHandler(.json, sink: sink, clock: { 0 }) }
    logger[metadataKey: "script"] = "a.lua"
    logger[metadataKey: "x"] = "logger"
    logger[metadataKey: "y"] = "logger"
    logger.handler.metadataProvider = Logger.MetadataProvider {
      ["x": "provider", "y": "provider", "z": "provider"]
    }
    logger.info("one", metadata: ["x": "call"])
    logger.debug("not at this level")
    logger.logLevel = .debug
    logger.debug("two")
    #expect(
      pipe.all() == #"""
        {"ts":"1970-01-01T00:00:00.000000Z","level":"info","message":"one","script":"a.lua","fields":{"x":"call","y":"provider","z":"provider"}}
        {"ts":"1970-01-01T00:00:00.000000Z","level":"debug","message":"two","script":"a.lua","fields":{"x":"provider","y":"provider","z":"provider"}}

        """#)
  }

  @Test func `a copy of a logger has metadata of its own`() throws {
    let pipe = try Pipe()
    let sink = LogSink(descriptor: pipe.writing)
    let first = Logger(label: "l") { _ in LineLogHandler(.pretty, sink: sink, clock: { 0 }) }
    var second = first
    second[metadataKey: "job"] = "j"
    first.info("one")
    second.info("two")
    let lines = pipe.all().split(separator: "\n").map { $0.dropFirst(12) }
    #expect(lines == [" INFO  one", " INFO  j  two"])
  }

  @Test func `a pipe gets no colors`() throws {
    let pipe = try Pipe()
    #expect(!LogSink(descriptor: pipe.writing).hasColors)
    _ = pipe.all()
  }

  @Test func `lines of several threads stay whole, though the reader is slow`() throws {
    let pipe = try Pipe()
    // The pipe is too small for a line: writes are partial, and most find no room.
    try #require(fcntl(pipe.writing, F_SETFL, O_NONBLOCK) == 0)
    let sink = LogSink(descriptor: pipe.writing)
    let long = String(repeating: "x", count: 100_000)
    let writers = try (0..<2).map { writer in
      try OSThread(name: "writer") {
        for line in 0..<10 { sink.write("\(writer).\(line) \(long)") }
      }
    }
    let closer = try OSThread(name: "closer") {
      for writer in writers { writer.join() }
      close(pipe.writing)
    }
    let read = pipe.all(closing: false)
    closer.join()
    let lines = read.split(separator: "\n")
    #expect(lines.count == 20)
    #expect(lines.allSatisfy { $0.utf8.count == 4 + 100_000 && $0.hasSuffix(long) })
    for writer in ["0.", "1."] {
      let order = lines.filter { $0.hasPrefix(writer) }.map { $0.prefix(3) }
      #expect(order == order.sorted())
    }
  }

  @Test func `a line that cannot be written is dropped`() {
    LogSink(descriptor: -1).write("lost")
  }
}
