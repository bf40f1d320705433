import Glibc
import MoonwheelModel
import Triggers

/// A store's path, and what is asked of the system about it.
struct StoreFile: Sendable {
  /// As it was given: what messages say.
  let name: String
  /// Absolute, so that it stays the same file, and is never taken for a URI.
  let path: String

  init(_ name: String) {
    self.name = name
    path = name.hasPrefix("/") ? name : Self.workingFolder + "/" + name
  }

  var log: String { path + "-wal" }
  var shared: String { path + "-shm" }
  var lock: String { path + ".lock" }

  private static var workingFolder: String {
    guard let path = unsafe getcwd(nil, 0) else { return "" }
    defer { unsafe free(path) }
    return unsafe String(cString: path)
  }

  var folder: String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
  }

  /// In bytes; nil where there is none.
  static func size(of path: String) -> Int64? {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? Int64(status.st_size) : nil
  }

  var isFolder: Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Makes the folder that it is in, if that one's folder is there.
  func makeFolder() throws(StoreError) {
    guard !folder.isEmpty, Self.size(of: folder) == nil else { return }
    guard unsafe mkdir(folder, 0o777) != 0, errno != EEXIST else { return }
    throw refusal(errno, "its folder \(folder) cannot be made")
  }

  /// The file as one that nobody changes, for SQLite.
  var unchangingURI: String {
    let signs: [Unicode.Scalar: String] = ["%": "%25", "?": "%3f", "#": "%23"]
    return "file:\(path.unicodeScalars.map { signs[$0] ?? String($0) }.joined())?immutable=1"
  }

  /// Whether it begins as a text does. Only for a file that SQLite does not take: closing it would give back the locks that
  /// SQLite has on it in this process.
  var isText: Bool {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { Glibc.close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 512)
    let count = unsafe bytes.withUnsafeMutableBytes {
      unsafe read(descriptor, $0.baseAddress, $0.count)
    }
    let spaces: ClosedRange<UInt8> = 0x08...0x0d
    return count > 0 && bytes.prefix(count).allSatisfy { $0 >= 0x20 || spaces.contains($0) }
  }

  func foreign(_ what: String) -> StoreError {
    StoreError(.foreign, "\(name): it is \(what), and no store of Moonwheel; name another file")
  }

  /// Why a system call was refused, with what to do.
  func refusal(_ code: Int32, _ what: String) -> StoreError {
    let reason = "\(name): \(what): \(Self.words(code))"
    return switch code {
    case ENOENT, ENOTDIR:
      StoreError(.missing, reason + "; make the folder, or name another file")
    case EACCES, EPERM, EROFS:
      StoreError(
        .readOnly, reason + "; give the host the right to write there, or name another file")
    case ENOSPC, EDQUOT, EFBIG:
      StoreError(.full, reason + "; free some space")
    default: StoreError(.io, reason)
    }
  }

  /// What the system calls an error.
  static func words(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }

  static var now: Timestamp {
    var time = timespec()
    let status = unsafe clock_gettime(CLOCK_REALTIME, &time)
    precondition(status == 0, "there is no wall clock: \(words(errno))")
    return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}
