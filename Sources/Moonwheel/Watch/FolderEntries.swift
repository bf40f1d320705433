import Glibc

/// The names in a folder, sorted, without `.` and `..`.
enum FolderEntries {
  /// Names that are not UTF-8 are left out, since no path of ours can spell them.
  ///
  /// Safe because the entry that `readdir` lends is copied before the next call, and the stream is
  /// closed on every way out.
  static func names(in folder: String) throws(WatchError) -> [String] {
    guard let stream = unsafe opendir(folder) else {
      throw WatchError(path: folder, systemCode: errno)
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(stream) else { break }
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if let name, name != ".", name != ".." { names.append(name) }
    }
    guard errno == 0 else { throw WatchError(path: folder, systemCode: errno) }
    return names.sorted()
  }
}
