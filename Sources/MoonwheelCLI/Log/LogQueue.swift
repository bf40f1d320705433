import SystemCalls
import WorkerPool

/// A bounded queue of log lines for a descriptor, with a thread that writes them. Only that thread waits for the
/// reader.
///
/// While the queue is empty and the descriptor has room for a whole line, the caller writes the line at once, so that
/// the line is not lost if the process is killed right after. Otherwise the caller appends it, and the thread writes.
///
/// When the queue is full, lines are left out until the thread takes the batch; a line in their place says how many.
/// Lines that the system refuses, for example because the reader has closed the pipe, count as left out too.
final class LogQueue: Sendable {
  /// How many bytes may wait before lines are left out, besides the batch that the thread is writing.
  static let capacity = 1 << 20
  /// A larger buffer is freed after a burst, in bytes.
  private static let keptStorage = 64 << 10

  private struct State: Sendable {
    var bytes: [UInt8] = []
    var lines = 0
    var omitted = 0
    var isWriting = false
    /// Whether the thread has lost lines that the log does not report yet.
    var hasUncounted = false
  }

  private let descriptor: Int32
  private let drainTimeout: Int64?
  private let omission: @Sendable (Int) -> String
  private let state = Condition(State())

  init(descriptor: Int32, drainTimeout: Int64?, omission: @escaping @Sendable (Int) -> String) {
    self.descriptor = descriptor
    self.drainTimeout = drainTimeout
    self.omission = omission
  }

  func start() throws(SystemCallError) {
    _ = try OSThread(name: "mw-log") { [self] in
      var batch: [UInt8] = []
      var lost = 0
      while true { writeNext(using: &batch, &lost) }
    }
  }

  func append(_ line: String) {
    guard !writeAtOnce(line) else { return }
    let wakes = state.withLock { state in
      guard state.omitted == 0, state.bytes.count < Self.capacity else {
        state.omitted += 1
        return false
      }
      let wasEmpty = state.bytes.isEmpty
      state.bytes.append(contentsOf: line.utf8)
      state.bytes.append(UInt8(ascii: "\n"))
      state.lines += 1
      return wasEmpty && !state.isWriting
    }
    if wakes { state.broadcast() }
  }

  /// Writes a line in the calling thread, unless the write could block. Returns whether the line is written.
  private func writeAtOnce(_ line: String) -> Bool {
    let bytes = Array(line.utf8) + [UInt8(ascii: "\n")]
    guard bytes.count <= Output.wholeWrite else { return false }
    let isFirst = state.withLock { state in
      guard state.bytes.isEmpty, !state.isWriting, state.omitted == 0, !state.hasUncounted,
        Output.hasRoom(descriptor)
      else { return false }
      state.isWriting = true
      return true
    }
    guard isFirst else { return false }
    let isWritten = Output.write(bytes[...], to: descriptor)
    state.withLock { $0.isWriting = false }
    state.broadcast()
    // If not, the caller appends the line, so that the thread tries again and counts it.
    return isWritten
  }

  /// Returns when the queue is empty and its thread is idle, or after `drainTimeout` nanoseconds.
  func drain() {
    let deadline = drainTimeout.map { Clocks.monotonic() + $0 } ?? .max
    _ = state.wait(until: deadline) { $0.bytes.isEmpty && !$0.isWriting ? true : nil }
  }

  // MARK: The thread

  /// Waits for lines and writes them. `lost` counts the lines that were left out and that the log does not report yet.
  private func writeNext(using batch: inout [UInt8], _ lost: inout Int) {
    let (lines, omitted) = state.wait { state -> (Int, Int)? in
      guard !state.bytes.isEmpty, !state.isWriting else { return nil }
      swap(&state.bytes, &batch)
      state.isWriting = true
      defer { (state.lines, state.omitted) = (0, 0) }
      return (state.lines, state.omitted)
    }
    if lost > 0, writeOmission(lost) { lost = 0 }
    lost += (writeLines(batch) ? 0 : lines) + omitted
    if omitted > 0, writeOmission(lost) { lost = 0 }
    batch.removeAll(keepingCapacity: batch.capacity <= Self.keptStorage)
    state.withLock { state in
      state.isWriting = false
      state.hasUncounted = lost > 0
    }
    state.broadcast()
  }

  private func writeOmission(_ lost: Int) -> Bool {
    Output.write(Array((omission(lost) + "\n").utf8)[...], to: descriptor)
  }

  /// Writes pieces that end with a line and that a pipe takes as a whole, so that no other program writes into a line.
  private func writeLines(_ batch: [UInt8]) -> Bool {
    let newline = UInt8(ascii: "\n")
    var rest = batch[...]
    while !rest.isEmpty {
      let last = rest.prefix(Output.wholeWrite).lastIndex(of: newline)
      let end = last ?? rest.firstIndex(of: newline) ?? rest.endIndex - 1
      guard Output.write(rest[...end], to: descriptor) else { return false }
      rest = rest[(end + 1)...]
    }
    return true
  }
}
