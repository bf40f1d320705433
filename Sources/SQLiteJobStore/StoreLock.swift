import Glibc
import MoonwheelCore
import Triggers

/// The right to write to a store: a lock on a file beside it, which the system takes back when the process ends, however
/// it does. The file says who holds it.
///
/// The file stays when the lock is given back: removing it would race with one who has just opened it.
struct StoreLock: ~Copyable {
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

  private static func held(_ file: StoreFile, by holder: String) -> StoreError {
    let who = holder.split(separator: "\n").joined(separator: ", ")
    return StoreError(
      .held,
      "\(file.name): another host writes to it (\(who.isEmpty ? "it does not say who" : who)); "
        + "stop that one, or give this one a file of its own")
  }

  private static var holder: String {
    var name = [CChar](repeating: 0, count: 256)
    let status = unsafe gethostname(&name, name.count - 1)
    let host =
      status == 0
      ? String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      : "unknown"
    return "process \(getpid())\non \(host)\nsince \(StoreFile.now.iso(in: .utc))\n"
  }

  /// What the file says is for people: a host that cannot write it holds the lock all the same.
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
