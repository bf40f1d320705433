import Glibc

struct NoStatus: Error {}

/// Memory of this process that is in use, as the kernel counts it.
func residentBytes() throws -> Int {
  guard let file = unsafe fopen("/proc/self/statm", "r") else { throw NoStatus() }
  defer { unsafe fclose(file) }
  var buffer = [CChar](repeating: 0, count: 128)
  guard unsafe fgets(&buffer, 128, file) != nil else { throw NoStatus() }
  let text = String(
    decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  let fields = text.split(separator: " ")
  guard fields.count > 1, let pages = Int(fields[1]) else { throw NoStatus() }
  return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
}
