import Glibc

/// Makes files that were not there.
///
/// Safe because the texts and arrays given to the system outlive the call and are passed with their length.
package enum NewFile {
  /// Writes a file that everybody may read and its owner may write, as far as the process's mask allows. Fails if
  /// something has that name already. A failure leaves no file behind.
  package static func write(_ bytes: [UInt8], to path: String) throws(SystemCallError) {
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw SystemCallError(call: "open") }
    var rest = bytes[...]
    var code: Int32 = 0
    while !rest.isEmpty, code == 0 {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(file, $0.baseAddress, $0.count)
      }
      if count >= 0 { rest = rest.dropFirst(count) } else if errno != EINTR { code = errno }
    }
    if close(file) != 0, code == 0 { code = errno }
    guard code != 0 else { return }
    FileNames.remove(path)
    throw SystemCallError(call: "write", code: code)
  }
}
