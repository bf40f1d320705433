import Glibc
import SystemCalls

/// Finds the processes of this machine by what they run.
package enum ProcessWords {
  /// The numbers of those that have a text among their words.
  package static func processes(with text: String) -> [Int32] {
    let names: [String]
    do { names = try FolderEntries.names(in: "/proc") } catch { return [] }
    return names.compactMap { Int32($0) }.filter { isThere($0, with: text) }
  }

  /// Whether a process goes on and has a text among its words.
  package static func isThere(_ process: Int32, with text: String) -> Bool {
    contains(text, in: bytes(of: process))
  }

  /// With spaces between them; empty if the process has ended.
  package static func words(of process: Int32) -> String {
    String(decoding: bytes(of: process).map { $0 == 0 ? 32 : $0 }, as: UTF8.self)
  }

  private static func bytes(of process: Int32) -> [UInt8] {
    do {
      return try Descriptor.open("/proc/\(process)/cmdline", for: .read)
        .readStart(atMost: 16 << 10)
    } catch {
      return []
    }
  }

  /// Safe because the bytes end with a zero, at which each word ends. Fast also where nothing is optimized.
  private static func contains(_ text: String, in bytes: [UInt8]) -> Bool {
    unsafe (bytes + [0]).withUnsafeBytes { buffer in
      guard let start = unsafe buffer.baseAddress?.assumingMemoryBound(to: CChar.self) else {
        return false
      }
      var offset = 0
      while offset < bytes.count {
        if unsafe strstr(start + offset, text) != nil { return true }
        offset += unsafe strlen(start + offset) + 1
      }
      return false
    }
  }
}
