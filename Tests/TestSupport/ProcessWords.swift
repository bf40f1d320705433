import SystemCalls

/// Finds the processes of this machine by what they run.
package enum ProcessWords {
  /// The numbers of those that have a text among their words.
  package static func processes(with text: String) -> [Int32] {
    let names: [String]
    do { names = try FolderEntries.names(in: "/proc") } catch { return [] }
    return names.compactMap { Int32($0) }.filter { words(of: $0).contains(text) }
  }

  /// With spaces between them; empty if the process has ended.
  package static func words(of process: Int32) -> String {
    do {
      let bytes = try Descriptor.open("/proc/\(process)/cmdline", for: .read)
        .readStart(atMost: 16 << 10)
      return String(decoding: bytes.map { $0 == 0 ? 32 : $0 }, as: UTF8.self)
    } catch {
      return ""
    }
  }
}
