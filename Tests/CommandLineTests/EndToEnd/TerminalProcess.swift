import Glibc
import SystemCalls
import Testing

/// The program on a terminal of its own, as its only job in the foreground.
///
/// Safe because the arrays and structures given to libc outlive the call.
final class TerminalProcess {
  /// `TIOCSPTLCK` and `TIOCGPTN`, which Swift's Glibc leaves out.
  private static let (lock, number) = (0x4004_5431, 0x8004_5430)

  private let main: Int32
  /// The program's end, kept open so that nothing that is typed is lost before the program opens it.
  private let other: Int32
  private var process: MoonwheelProcess?
  private(set) var text = ""

  /// - Parameter typed: what was typed before the program began.
  init(_ arguments: [String], in folder: ScriptFolder, typed: String = "") throws {
    main = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var (isLocked, number): (Int32, UInt32) = (0, 0)
    let unlocking = unsafe ioctl(main, UInt(Self.lock), &isLocked)
    let naming = unsafe ioctl(main, UInt(Self.number), &number)
    let path = "/dev/pts/\(number)"
    other = unsafe open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(unlocking == 0 && naming == 0 && other >= 0, "errno \(errno)")
    type(typed)
    let command = "exec setsid --ctty \"$@\" <\(path) >\(path) 2>\(path)"
    process = try MoonwheelProcess(
      program: "/bin/sh", ["-c", command, "sh", try BuiltProgram.path()] + arguments, in: folder)
  }

  deinit {
    close(other)
    close(main)
  }

  func type(_ text: String) { _ = unsafe write(main, text, text.utf8.count) }

  /// Waits until the terminal shows a text after what earlier calls have waited for.
  func wait(for part: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let deadline = Clocks.monotonic() + MoonwheelProcess.timeout
    while true {
      if let range = text.firstRange(of: part) {
        text = String(text[range.upperBound...])
        return
      }
      var polled = pollfd(fd: main, events: Int16(POLLIN), revents: 0)
      let left = (deadline - Clocks.monotonic()) / 1_000_000
      var buffer = [UInt8](repeating: 0, count: 65_536)
      let ready = left > 0 ? unsafe poll(&polled, 1, Int32(left)) : 0
      let count = ready > 0 ? unsafe read(main, &buffer, buffer.count) : 0
      guard count > 0 else {
        Issue.record("\"\(part)\" did not come:\n\(text)", sourceLocation: sourceLocation)
        throw CancellationError()
      }
      text += String(decoding: buffer.prefix(count), as: UTF8.self)
    }
  }

  /// Presses Ctrl-C, and returns the exit code.
  func end() throws -> Int32 {
    type("\u{3}")
    try wait(for: "stopped after")
    return try #require(process).exit()
  }
}
