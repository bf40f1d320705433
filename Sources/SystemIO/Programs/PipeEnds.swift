import COutside
import Glibc
import SystemCalls

/// A pipe between the host and a child. The host's end does not block.
///
/// Safe because the system fills in two integers that outlive the call.
struct ChildPipe: ~Copyable {
  let host: Descriptor
  let child: Descriptor

  init(hostReads: Bool) throws(SystemCallError) {
    var (first, second): (Int32, Int32) = (-1, -1)
    guard unsafe outside_pipe(hostReads, &first, &second) == 0 else {
      throw SystemCallError(call: "pipe2", code: ErrorNumber.last)
    }
    let host = try Descriptor(first, of: "pipe2")
    let child = try Descriptor(second, of: "pipe2")
    self.host = host
    self.child = child
  }

  /// The host's end; the child's is closed.
  consuming func takeHost() -> Descriptor { host }
}

/// The host's end of a pipe that a child writes. Used by the I/O thread alone.
///
/// Safe because the buffer is passed with its length.
final class PipeReader {
  private var pipe: Descriptor?
  private var watch: IOLoop.Watch?
  private(set) var captured: CapturedOutput
  private var lines = LineSplitter()
  private var onLine: ((String) -> Bool)?
  private let onEnd: (IOLoop) -> Void

  /// `onEnd` is called when all who could write have closed their end.
  init(
    _ pipe: consuming Descriptor, atMost limit: Int, onLine: ((String) -> Bool)?,
    onEnd: @escaping (IOLoop) -> Void
  ) {
    self.pipe = consume pipe
    captured = CapturedOutput(atMost: limit)
    self.onLine = onLine
    self.onEnd = onEnd
  }

  var isOpen: Bool { pipe != nil }

  func start(_ loop: IOLoop) throws(SystemCallError) {
    guard let number = pipe?.number else { return }
    watch = try loop.watch(number, for: .readable) { loop, _ in self.read(loop) }
  }

  /// One read a call, so that a child that floods its pipe takes turns with the others.
  private func read(_ loop: IOLoop) {
    guard let number = pipe?.number else { return }
    let count = unsafe loop.buffer.withUnsafeMutableBytes { buffer in
      unsafe Glibc.read(number, buffer.baseAddress, buffer.count)
    }
    if count < 0, errno == EAGAIN || errno == EINTR { return }
    guard count > 0 else {
      close(loop)
      return onEnd(loop)
    }
    let bytes = loop.buffer[..<count]
    captured.add(bytes)
    if let body = onLine { lines.add(bytes, body) }
  }

  /// Stops reading. The last line is told even if it has no end.
  func close(_ loop: IOLoop) {
    if let watch { loop.end(watch) }
    watch = nil
    pipe = nil
    if let body = onLine { lines.finish(body) }
    onLine = nil
  }
}

/// The host's end of a pipe that a child reads. Used by the I/O thread alone.
///
/// A child that closes its end early is no error. The thread blocks SIGPIPE, as all of ours do.
///
/// Safe because the bytes are passed with their length.
final class PipeWriter {
  private var pipe: Descriptor?
  private var watch: IOLoop.Watch?
  private var rest: ArraySlice<UInt8>
  private let holds: Bool

  /// - Parameter holds: whether the pipe stays open when all is written.
  init(_ pipe: consuming Descriptor, _ bytes: [UInt8], holds: Bool) {
    self.pipe = consume pipe
    rest = bytes[...]
    self.holds = holds
  }

  func start(_ loop: IOLoop) throws(SystemCallError) {
    guard let number = pipe?.number, !rest.isEmpty else { return }
    watch = try loop.watch(number, for: .writable) { loop, _ in self.write(loop) }
  }

  private func write(_ loop: IOLoop) {
    guard let number = pipe?.number else { return }
    let count = unsafe rest.prefix(64 << 10).withUnsafeBytes { buffer in
      unsafe Glibc.write(number, buffer.baseAddress, buffer.count)
    }
    if count < 0, errno == EAGAIN || errno == EINTR { return }
    if count > 0 { rest = rest.dropFirst(count) }
    guard count < 0 || rest.isEmpty else { return }
    if count >= 0, holds { endWatch(loop) } else { close(loop) }
  }

  private func endWatch(_ loop: IOLoop) {
    if let watch { loop.end(watch) }
    watch = nil
    rest = []
  }

  func close(_ loop: IOLoop) {
    endWatch(loop)
    pipe = nil
  }
}
