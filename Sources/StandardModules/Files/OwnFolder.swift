import Synchronization
import SystemCalls

/// A folder of a script's own, and how much is in it.
///
/// The sum is kept by the writes of this host. Where it would pass the bound, it is read anew from the disk, so that what
/// others have removed counts.
final class OwnFolder: Sendable {
  /// Absolute, without links.
  let path: RawPath
  private let name: String
  /// In bytes; each file and each folder counts for a block of 4 KiB at least.
  private let bound: Int64
  /// Nil until it is read.
  private let used = Mutex<Int64?>(nil)
  static let block: Int64 = 4_096

  init(_ path: RawPath, name: String, bound: Int64, used: Int64? = nil) {
    self.path = path
    self.name = name
    self.bound = bound
    self.used.withLock { $0 = used }
  }

  static func blocks(_ size: Int64) -> Int64 { max(1, (size + block - 1) / block) * block }

  /// Counts that something grows from one size to another; nil is nothing. `measure` reads the size of all that is there.
  func grow(
    from old: Int64?, to new: Int64, measure: () throws(FileFailure) -> Int64
  ) throws(FileFailure) {
    let more = Self.blocks(new) - (old.map(Self.blocks) ?? 0)
    guard !reserve(more) else { return }
    let measured = try measure()
    used.withLock { $0 = measured }
    guard !reserve(more) else { return }
    throw .refused(
      .noSpace, "\(name) may hold \(Bytes.text(Int(bound))), and holds \(measured) bytes")
  }

  private func reserve(_ more: Int64) -> Bool {
    used.withLock { used in
      guard let sum = used, more <= 0 || sum + more <= bound else { return false }
      used = max(0, sum + more)
      return true
    }
  }

  /// Something of this size was removed.
  func shrink(by size: Int64) {
    used.withLock { used in used = used.map { max(0, $0 - Self.blocks(size)) } }
  }

  /// How much is there is not known any more.
  func forget() { used.withLock { $0 = nil } }
}
