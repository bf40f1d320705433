import Glibc
import MoonwheelModel
import Triggers

/// The right to write to a store: a lock on a file beside it, which the system takes back when the process ends, however
/// it does. The file says who holds it.
///
/// The file stays when the lock is given back: removing it would race with one who has just opened it.
final class StoreLock: Sendable {
  private let descriptor: Int32

  init(_ file: StoreFile) throws(StoreError) {
    let opened = unsafe open(file.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard opened >= 0 else { throw file.refusal(errno, "its lock \(file.lock) cannot be opened") }
    guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      defer { Glibc.close(opened) }
      guard code == EWOULDBLOCK else { throw file.refusal(code, "\(file.lock) cannot be locked") }
      throw Self.held(file, by: Self.read(opened))
    }
    descriptor = opened
    Self.write(Self.holder, to: opened)
  }

  deinit {
    _ = ftruncate(descriptor, 0)
    // Closing would not do while a child that was just forked has the descriptor, too.
    flock(descriptor, LOCK_UN)
    Glibc.close(descriptor)
  }

  /// Which file is locked, whatever its name is now.
  var place: StorePlace.Finding { StorePlace.Finding(descriptor: descriptor) }

  private static func held(_ file: StoreFile, by holder: String) -> StoreError {
    let who = holder.split(separator: "\n").joined(separator: ", ")
    return StoreError(
      .held,
      "\(file.name): another host writes to it (\(who.isEmpty ? "it does not say who" : who)); "
        + "stop that one, or give this one a file of its own")
  }

  /// Who has the lock, without trying to take it: a host that starts at this moment is not to find it taken.
  static func holder(of file: StoreFile) -> String? {
    let opened = unsafe open(file.lock, O_RDONLY | O_CLOEXEC)
    guard opened >= 0 else { return nil }
    defer { Glibc.close(opened) }
    let lines = read(opened).split(separator: "\n")
    guard lines.count == 3, let number = lines[0].split(separator: " ").last,
      let process = pid_t(number)
    else { return nil }
    let isHere = lines[1] == "on \(hostName)"
    guard !isHere || kill(process, 0) == 0 || errno == EPERM else { return nil }
    return lines.joined(separator: ", ")
  }

  private static var holder: String {
    "process \(getpid())\non \(hostName)\nsince \(StoreFile.now.iso(in: .utc))\n"
  }

  private static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&name, name.count - 1) == 0 else { return "unknown" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// A host that cannot say who it is holds the lock all the same.
  private static func write(_ text: String, to descriptor: Int32) {
    guard ftruncate(descriptor, 0) == 0 else { return }
    let bytes = Array(text.utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  private static func read(_ descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 512)
    let count = unsafe bytes.withUnsafeMutableBytes {
      unsafe pread(descriptor, $0.baseAddress, $0.count, 0)
    }
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}
