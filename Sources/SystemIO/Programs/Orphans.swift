import COutside
import Glibc
import SystemCalls

/// Ends what programs leave behind outside of their process group, such as daemons. For a process that is ours alone: a
/// library must not change who adopts the children of its host.
///
/// The process becomes a child subreaper, so that it adopts what its descendants leave. It ends each adopted child that
/// has the mark of a run and no program with that mark runs any more, and reaps each one that has ended.
package final class Orphans: Sendable {
  /// How long after a child has ended orphans are looked for, in nanoseconds: many end at the same time.
  private static let delay: Int64 = 20_000_000
  /// From SIGTERM to SIGKILL, in nanoseconds.
  private static let grace: Int64 = 1_000_000_000

  /// Begins. Before that, the main thread must have blocked SIGCHLD (`SignalSet`), and before it started others.
  ///
  /// - Parameter onEnd: called on the I/O thread with what is about to be ended.
  /// - Throws: if the kernel cannot do that. Nothing has changed then.
  package init(
    on thread: IOThread, onEnd: @escaping @Sendable (MarkedProcess) -> Void
  ) throws(SystemCallError) {
    let children = "/proc/self/task/\(CurrentThread.id)/children"
    try FileNames.checkReadable(children)
    let signals = OpenFile(try Descriptor(outside_child_signals(), of: "signalfd"))
    guard outside_become_subreaper() == 0 else {
      throw SystemCallError(call: "prctl", code: ErrorNumber.last)
    }
    try thread.submit { loop in Search(signals, onEnd).start(loop) }
  }

  /// The I/O thread's part. The watch keeps it.
  private final class Search {
    private let signals: OpenFile
    private let onEnd: (MarkedProcess) -> Void
    private var isDue = false
    private var isFollowed = false
    /// Those that were asked to end.
    private var ending: Set<Int32> = []

    init(_ signals: OpenFile, _ onEnd: @escaping (MarkedProcess) -> Void) {
      self.signals = signals
      self.onEnd = onEnd
    }

    func start(_ loop: IOLoop) {
      // The output of a program may be read for a while after its end; what it has left is an orphan only then.
      loop.onReaped = { self.lookSoon($0) }
      do throws(SystemCallError) {
        _ = try loop.watch(signals.descriptor.number, for: .readable) { loop, _ in
          self.childEnded(loop)
        }
      } catch {
        preconditionFailure("orphans cannot be watched: \(error)")
      }
    }

    /// Safe because the system is told the length of the array.
    private func childEnded(_ loop: IOLoop) {
      // One that is read stands for all that were sent since. A structure of the system has 128 bytes.
      while unsafe loop.buffer.withUnsafeMutableBytes({
        unsafe read(signals.descriptor.number, $0.baseAddress, 128 * 8)
      }) > 0 {}
      lookSoon(loop)
    }

    private func lookSoon(_ loop: IOLoop) {
      guard !isDue else { return }
      isDue = true
      _ = loop.setTimer(at: Clocks.elapsed() + Orphans.delay) { loop in
        self.isDue = false
        self.look(loop)
        self.lookAgain(loop)
      }
    }

    /// Once more, later: the kernel's list may lack some while a child ends, and one that has just been left may not have
    /// been there.
    private func lookAgain(_ loop: IOLoop) {
      guard !isFollowed else { return }
      isFollowed = true
      _ = loop.setTimer(at: Clocks.elapsed() + Orphans.grace / 2) { loop in
        self.isFollowed = false
        self.look(loop)
      }
    }

    private func look(_ loop: IOLoop) {
      let orphans = Self.children().filter { loop.leaders[$0] == nil }
      let left = orphans.filter { outside_reap($0) == 0 }
      ending.formIntersection(left)
      let live = Set(loop.leaders.values.compactMap { $0 })
      for id in left where !ending.contains(id) {
        guard let process = MarkedProcess(id), !live.contains(process.mark) else { continue }
        onEnd(process)
        end(id, loop)
      }
    }

    /// Its number stays its own until this thread reaps it.
    private func end(_ id: Int32, _ loop: IOLoop) {
      ending.insert(id)
      kill(id, SIGTERM)
      kill(id, SIGCONT)
      _ = loop.setTimer(at: Clocks.elapsed() + Orphans.grace) { loop in
        // It may have been reaped since.
        self.look(loop)
        if self.ending.contains(id) { kill(id, SIGKILL) }
      }
    }

    /// The children of all threads, by their numbers.
    private static func children() -> [Int32] {
      MarkedProcess.numbers(in: "/proc/self/task").flatMap { thread in
        let list = MarkedProcess.read("/proc/self/task/\(thread)/children", atMost: 1 << 16) ?? []
        return list.split(separator: UInt8(ascii: " ")).compactMap {
          Int32(String(decoding: $0, as: UTF8.self))
        }
      }
    }
  }
}
