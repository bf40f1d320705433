import Glibc
import SystemCalls

/// The kernel's queue of file events (`inotify`).
///
/// Safe because the arrays given to the system outlive the call and are passed with their length, records are read with
/// bounds checks, and this object alone owns the descriptor, from `init` to `deinit`.
final class Inotify: Sendable {
  /// The events of a folder that a watch reports.
  enum Interest {
    /// Names that come and go, files that were closed after writing, and the events of `place`.
    case content
    /// The folder itself was moved or deleted.
    case place
  }

  let descriptor: Int32

  init() throws(WatchError) {
    descriptor = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
    guard descriptor >= 0 else {
      throw WatchError(SystemCallError(call: "inotify_init1", code: errno))
    }
  }

  deinit { close(descriptor) }

  /// Watches a folder. Interests in one folder add up, even if different paths lead to it.
  func watch(_ folder: String, for interest: Interest) throws(WatchError) -> WatchID {
    var mask = IN_DELETE_SELF | IN_MOVE_SELF
    if interest == .content {
      mask |= IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO
    }
    mask |= IN_ONLYDIR | IN_EXCL_UNLINK | IN_MASK_ADD
    let watch = unsafe inotify_add_watch(descriptor, folder, UInt32(mask))
    guard watch >= 0 else { throw WatchError(path: folder, systemCode: errno) }
    return WatchID(rawValue: watch)
  }

  /// Ends a watch. It is no error if the system has ended it already.
  func end(_ watch: WatchID) { inotify_rm_watch(descriptor, watch.rawValue) }

  /// The events that one read returns; empty if there are none.
  func read() -> [Record] {
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    let count = unsafe bytes.withUnsafeMutableBytes {
      unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
    }
    // No events, or a signal interrupted the read. The descriptor stays readable while events are left.
    guard count > 0 else { return [] }
    return unsafe bytes.withUnsafeBytes { unsafe Record.all(in: $0.prefix(count)) }
  }

  /// A `struct inotify_event`: watch, mask, cookie, length of the name, and the name, padded with zeros.
  struct Record {
    let watch: WatchID
    let mask: Int32
    let name: String

    fileprivate static func all(in bytes: Slice<UnsafeRawBufferPointer>) -> [Record] {
      let bytes = unsafe UnsafeRawBufferPointer(rebasing: bytes)
      var records: [Record] = []
      var offset = 0
      while offset + 16 <= bytes.count {
        let length = unsafe Int(bytes.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
        let name = unsafe bytes[(offset + 16)..<(offset + 16 + length)].prefix { $0 != 0 }
        unsafe records.append(
          Record(
            watch: WatchID(rawValue: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)),
            mask: bytes.loadUnaligned(fromByteOffset: offset + 4, as: Int32.self),
            name: String(decoding: name, as: UTF8.self)))
        offset += 16 + length
      }
      return records
    }
  }
}
