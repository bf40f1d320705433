import CMalloc
import Glibc

/// What the system says of this process.
public enum Process {
  /// Nanoseconds of processor time that all its threads have used.
  public static func processorTime() -> Int64 { read(CLOCK_PROCESS_CPUTIME_ID) }

  /// Nanoseconds of processor time that the calling thread has used.
  public static func threadTime() -> Int64 { read(CLOCK_THREAD_CPUTIME_ID) }

  public static func monotonicTime() -> Int64 { read(CLOCK_MONOTONIC) }

  private static func read(_ clock: Int32) -> Int64 {
    var time = timespec()
    let status = unsafe clock_gettime(clock, &time)
    precondition(status == 0, "clock \(clock) cannot be read: error \(errno)")
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// Blocks the calling thread.
  public static func sleep(seconds: Double) {
    usleep(UInt32(seconds * 1e6))
  }

  /// Bytes of memory that are resident, once the allocator has given back what it can.
  public static func residentBytes() -> Int {
    malloc_trim(0)
    let pages = text(of: "/proc/self/statm").split(separator: " ")[1]
    return number(pages) * sysconf(Int32(_SC_PAGESIZE))
  }

  /// How often the threads that are there now have been switched to.
  public static func contextSwitches() -> Int {
    threads().reduce(0) { sum, thread in
      let lines = text(of: "/proc/self/task/\(thread)/status").split(separator: "\n")
      return sum
        + lines.filter { $0.contains("ctxt_switches") }.reduce(0) {
          $0 + number($1.drop { !$0.isNumber })
        }
    }
  }

  private static func threads() -> [String] {
    guard let folder = unsafe opendir("/proc/self/task") else { return [] }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) {
        unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.first != "." { names.append(name) }
    }
    return names
  }

  private static func number(_ text: Substring) -> Int {
    guard let number = Int(text) else { preconditionFailure("\"\(text)\" is not a number") }
    return number
  }

  private static func text(of path: String) -> String {
    let descriptor = unsafe open(path, O_RDONLY)
    precondition(descriptor >= 0, "\(path) cannot be read: error \(errno)")
    defer { close(descriptor) }
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 8192) { buffer, count in
      unsafe count = max(0, Glibc.read(descriptor, buffer.baseAddress, buffer.count))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
