import Glibc

/// Reads what the process gets on its standard input.
///
/// Safe because the array that the system fills outlives the call and is passed with its length.
package enum StandardInput {
  /// All bytes up to the end, but no more than one beyond the limit, which tells that there are more.
  package static func read(atMost limit: Int) throws(SystemCallError) -> [UInt8] {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= limit {
      let count = unsafe Glibc.read(STDIN_FILENO, &piece, piece.count)
      if count == 0 { break }
      if count > 0 {
        bytes += piece.prefix(count)
      } else if errno != EINTR {
        throw SystemCallError(call: "read")
      }
    }
    return Array(bytes.prefix(limit + 1))
  }
}
