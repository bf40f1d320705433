import Glibc

/// The machine code of this process, its libraries' included, as far as it is in memory.
public enum ResidentCode {
  /// Takes out of the process what code it has in memory, and returns how many bytes were mapped.
  ///
  /// Most of a program's code is used once, at its start, and would stay resident as long as the
  /// process lives. What is used again is mapped again at its next use, 64 KiB at a time, from the
  /// system's cache (half a microsecond) or, if memory was short meanwhile, from the disk. Any
  /// thread; the others may run. Does nothing where there is no `/proc`.
  ///
  /// Safe because only mappings of files go that are executable and cannot be written: what the
  /// process reads there is the file, before and after. `madvise(2)`, `MADV_DONTNEED`.
  @discardableResult
  public static func release() -> Int {
    guard let maps = unsafe fopen("/proc/self/maps", "re") else { return 0 }
    defer { unsafe fclose(maps) }
    var released = 0
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { unsafe free(line) }
    while unsafe getline(&line, &capacity, maps) > 0, let text = unsafe line {
      guard let range = codeRange(ofMapping: unsafe String(cString: text)) else { continue }
      let start = unsafe UnsafeMutableRawPointer(bitPattern: range.lowerBound)
      if unsafe madvise(start, range.count, MADV_DONTNEED) == 0 { released += range.count }
    }
    return released
  }

  /// The addresses of a line of `/proc/self/maps`, if it is code in a file:
  ///
  ///     55d0c0a00000-55d0c1e8a000 r-xp 004e6000 08:01 131088    /usr/bin/moonwheel
  static func codeRange(ofMapping line: String) -> Range<UInt>? {
    let fields = line.split(whereSeparator: { $0 == " " || $0 == "\n" })
    guard fields.count > 5, fields[1] == "r-xp", fields[5].hasPrefix("/") else { return nil }
    let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
    guard ends.count == 2, ends[0] < ends[1] else { return nil }
    return ends[0]..<ends[1]
  }
}
