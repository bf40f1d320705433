import Glibc

/// Replaces files as a whole: whoever reads the path sees the old content or the new one.
///
/// Safe because the texts, arrays and structures given to the system outlive the call and are passed with their length.
package enum ReplacedFile {
  /// Writes the content beside the file, waits until it is on the disk, and gives it the file's name. A new file has the
  /// rights and the owner of the one that it replaces, as far as the process may give them away. A failure leaves the old
  /// file, and nothing else.
  ///
  /// - Parameters:
  ///   - path: of a regular file, or of nothing; a link at the path is replaced itself.
  ///   - expected: the version that must still be there; nil if nothing must be. Returns false, and changes nothing, if
  ///     there is another one.
  package static func write(
    _ bytes: [UInt8], to path: String, replacing expected: FileVersion?
  ) throws(SystemCallError) -> Bool {
    let draft = "\(path).\(getpid())-\(Clocks.monotonic()).new"
    let file = try Descriptor(
      unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666), of: "open")
    do throws(SystemCallError) {
      try takeOver(path, file)
      try file.replaceContent(bytes)
      try file.sync()
      guard FileStatus(of: path, followingLinks: false)?.version == expected else {
        FileNames.remove(draft)
        return false
      }
      try FileNames.rename(draft, to: path)
      return true
    } catch {
      FileNames.remove(draft)
      throw error
    }
  }

  /// Gives the new file rights and owner of the old one. Only root can give a file away.
  private static func takeOver(_ path: String, _ file: borrowing Descriptor) throws(SystemCallError)
  {
    var old = stat()
    guard unsafe stat(path, &old) == 0 else { return }
    if geteuid() == 0 { _ = fchown(file.number, old.st_uid, old.st_gid) }
    guard fchmod(file.number, old.st_mode & 0o777) == 0 else {
      throw SystemCallError(call: "fchmod")
    }
  }
}
