import Glibc

/// Reads which names a folder holds.
package enum FolderEntries {
  /// The names, sorted, without `.`, `..` and names that are not UTF-8, which no path of ours can spell.
  package static func names(in folder: String) throws(SystemCallError) -> [String] {
    try all(in: folder).names
  }

  /// The names as ``names(in:)`` has them, and the others, with U+FFFD in place of each wrong byte.
  ///
  /// Safe because the entry that `readdir` lends is copied before the next call, and the stream is
  /// closed on every way out.
  package static func all(
    in folder: String
  ) throws(SystemCallError) -> (names: [String], misspelt: [String]) {
    guard let stream = unsafe opendir(folder) else {
      throw SystemCallError(call: "opendir", code: errno)
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    var misspelt: [String] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(stream) else { break }
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        let name = unsafe bytes.prefix { $0 != 0 }
        let text = unsafe String(validating: name, as: UTF8.self)
        if text == nil { misspelt.append(unsafe String(decoding: name, as: UTF8.self)) }
        return text
      }
      if let name, name != ".", name != ".." { names.append(name) }
    }
    guard errno == 0 else { throw SystemCallError(call: "readdir", code: errno) }
    return (names.sorted(), misspelt.sorted())
  }
}
