import MoonwheelModel
import SystemCalls
import Triggers

/// The right to write to a store: a lock on a file beside it. The system releases the lock when the process ends, even
/// if it is killed. The file names the holder.
///
/// The file stays when the lock is released: removing it would race with a host that has just opened it.
final class StoreLock: Sendable {
  private let descriptor: Descriptor

  init(_ file: StoreFile) throws(StoreError) {
    let descriptor = try file.attempt("its lock \(file.lock) cannot be opened") {
      () throws(SystemCallError) in try Descriptor.open(file.lock, for: .readWrite)
    }
    let isFree = try file.attempt("\(file.lock) cannot be locked") {
      () throws(SystemCallError) in try descriptor.tryLock()
    }
    guard isFree else { throw Self.held(file, by: Self.text(of: descriptor)) }
    Self.write(Self.ownText, to: descriptor)
    self.descriptor = descriptor
  }

  deinit {
    Self.write("", to: descriptor)
    // Closing is not enough while a child process that was just forked has a copy of the descriptor.
    descriptor.unlock()
  }

  /// The locked file, whatever its name is now.
  var file: PathTarget { PathTarget(of: descriptor) }

  private static func held(_ file: StoreFile, by holder: String) -> StoreError {
    let holder = holder.split(separator: "\n").joined(separator: ", ")
    return StoreError(
      .held,
      "\(file.name): another host writes to it (\(holder.isEmpty ? "it does not say who" : holder)); "
        + "stop that one, or give this one a file of its own")
  }

  /// The host that has the lock, or nil. Does not try to take the lock: a host that starts at this moment would find it
  /// taken.
  static func holder(of file: StoreFile) -> String? {
    let lines = text(at: file.lock).split(separator: "\n")
    guard lines.count == 3, let number = lines[0].split(separator: " ").last,
      let process = Int32(number)
    else { return nil }
    let isOnThisMachine = lines[1] == "on \(hostName)"
    guard !isOnThisMachine || Processes.exists(process) else { return nil }
    return lines.joined(separator: ", ")
  }

  private static var ownText: String {
    let now = Timestamp(nanoseconds: Clocks.wall())
    return "process \(Processes.currentID)\non \(hostName)\nsince \(now.iso(in: .utc))\n"
  }

  private static var hostName: String { Processes.hostName ?? "unknown" }

  private static func write(_ text: String, to descriptor: borrowing Descriptor) {
    do {
      try descriptor.replaceContent(Array(text.utf8))
    } catch {
      // The text is only for messages: a host that cannot write it has the lock all the same.
    }
  }

  /// Empty if the file cannot be read.
  private static func text(at path: String) -> String {
    do {
      return text(of: try Descriptor.open(path, for: .read))
    } catch {
      return ""
    }
  }

  private static func text(of descriptor: borrowing Descriptor) -> String {
    do {
      return String(decoding: try descriptor.readStart(atMost: 512), as: UTF8.self)
    } catch {
      return ""
    }
  }
}
