import Glibc

/// Reads which names a folder holds.
package enum FolderEntries {
  /// The names, sorted, without `.`, `..` and names that are not UTF-8, which no path of ours can spell.
  ///
  /// Safe because the entry that `readdir` lends is copied before the next call, and the stream is
  /// closed on every way out.
  package static func names(in folder: String) throws(SystemCallError) -> [String] {
    guard let stream = unsafe opendir(folder) else {
      throw SystemCallError(call: "opendir", code: errno)
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
    guard errno == 0 else { throw SystemCallError(call: "readdir", code: errno) }
    return names.sorted()
  }
}
