import CMalloc
import Glibc

/// Figures of the system about this process and others.
public enum Process {
  /// Nanoseconds of processor time that all its threads have used.
  public static func processorTime() -> Int64 { read(CLOCK_PROCESS_CPUTIME_ID) }

  /// Nanoseconds of processor time that all threads of another process have used.
  public static func processorTime(of process: pid_t) -> Int64 {
    var clock: clockid_t = 0
    let status = unsafe clock_getcpuclockid(process, &clock)
    precondition(status == 0, "process \(process) has no clock: error \(status)")
    return read(clock)
  }

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

  /// Resident bytes of this process, after the allocator has returned its free memory.
  public static func residentBytes() -> Int {
    malloc_trim(0)
    return residentBytes(of: getpid())
  }

  /// Resident bytes of another process; 0 if it has ended.
  public static func residentBytes(of process: pid_t) -> Int {
    let fields = text(of: "/proc/\(process)/statm").split(separator: " ")
    return fields.count > 1 ? number(fields[1]) * sysconf(Int32(_SC_PAGESIZE)) : 0
  }

  /// How often the kernel has switched to each thread of a process.
  public static func contextSwitches(of process: pid_t = getpid()) -> [String: Int] {
    var switches: [String: Int] = [:]
    for thread in threads(of: process) {
      let lines = text(of: "/proc/\(process)/task/\(thread)/status").split(separator: "\n")
      switches[thread] = lines.filter { $0.contains("ctxt_switches") }.reduce(0) {
        $0 + number($1.drop { !$0.isNumber })
      }
    }
    return switches
  }

  private static func threads(of process: pid_t) -> [String] {
    guard let folder = unsafe opendir("/proc/\(process)/task") else { return [] }
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

  /// Empty if the process or the thread has ended.
  private static func text(of path: String) -> String {
    let descriptor = unsafe open(path, O_RDONLY)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 8192) { buffer, count in
      unsafe count = max(0, Glibc.read(descriptor, buffer.baseAddress, buffer.count))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
