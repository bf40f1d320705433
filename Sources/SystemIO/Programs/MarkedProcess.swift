import COutside
import Glibc
import SystemCalls

/// A process of this machine that has the mark of a run in its environment (``Program/mark``).
///
/// A host that was killed takes its direct children with it; what those had started is found by the mark.
package struct MarkedProcess: Sendable, Hashable {
  package let id: Int32
  package let mark: String
  /// What the host had written beside the mark; nil if nothing.
  package let host: String?
  /// When it was started, in nanoseconds of `Clocks.elapsed()`, to 10 ms.
  package let started: Int64
  /// What it runs, cut to 200 bytes.
  package let command: String

  /// The variable that holds the mark.
  package static let variable = "MOONWHEEL_RUN"
  package static let hostVariable = "MOONWHEEL_HOST"

  /// All that this process may look into but itself, in the order of their numbers.
  package static func all() -> [MarkedProcess] {
    numbers(in: "/proc").filter { $0 != Processes.currentID }.compactMap(MarkedProcess.init)
  }

  /// Kills those that match, and those that they start meanwhile. Returns what it has killed.
  ///
  /// It stops all before it kills the first one, and looks again, so that one that forks cannot get away: a kill of one
  /// after the other would miss the newest. Each is signalled by a descriptor that was opened before the match, so that
  /// no other process can be hit that has got its number since.
  package static func killAll(where matches: (MarkedProcess) -> Bool) -> [MarkedProcess] {
    var killed: [MarkedProcess] = []
    for _ in 0..<3 {
      let found = numbers(in: "/proc").compactMap { Target($0, matches) }
      guard !found.isEmpty else { break }
      for target in found { target.signal(SIGSTOP) }
      for target in found { target.signal(SIGKILL) }
      killed += found.map(\.process).filter { !killed.contains($0) }
    }
    return killed
  }

  private final class Target {
    let process: MarkedProcess
    private let descriptor: Descriptor

    init?(_ id: Int32, _ matches: (MarkedProcess) -> Bool) {
      guard id != Processes.currentID, MarkedProcess(id) != nil else { return nil }
      do throws(SystemCallError) {
        descriptor = try Descriptor(outside_open_process(id), of: "pidfd_open")
      } catch {
        // It has ended.
        return nil
      }
      guard let process = MarkedProcess(id), matches(process) else { return nil }
      self.process = process
    }

    func signal(_ signal: Int32) { _ = outside_signal(descriptor.number, signal) }
  }
}

extension MarkedProcess {
  /// Nil if it has no mark, has ended, or belongs to somebody else.
  package init?(_ id: Int32) {
    guard let environment = Self.read("/proc/\(id)/environ", atMost: 128 << 10),
      let mark = Self.value(of: Self.variable, in: environment),
      let started = ProcessStatus(id)?.started
    else { return nil }
    let words = (Self.read("/proc/\(id)/cmdline", atMost: 200) ?? []).split(separator: 0)
    self.id = id
    self.mark = mark
    host = Self.value(of: Self.hostVariable, in: environment)
    self.started = started
    command = words.map { LineSplitter.text($0) }.joined(separator: " ")
  }

  private static func value(of variable: String, in environment: [UInt8]) -> String? {
    let prefix = Array("\(variable)=".utf8)
    let entry = environment.split(separator: 0).first { $0.starts(with: prefix) }
    return entry.flatMap { String(validating: $0.dropFirst(prefix.count), as: UTF8.self) }
  }

  /// The first bytes of a file of /proc; nil if the process has ended or belongs to somebody else.
  static func read(_ path: String, atMost limit: Int) -> [UInt8]? {
    do throws(SystemCallError) {
      return try Descriptor.open(path, for: .read).readStart(atMost: limit)
    } catch {
      return nil
    }
  }

  /// The names in a folder of /proc that are numbers.
  static func numbers(in folder: String) -> [Int32] {
    do throws(SystemCallError) {
      return try FolderEntries.names(in: folder).compactMap { Int32($0) }.sorted()
    } catch {
      return []
    }
  }
}
