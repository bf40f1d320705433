import Glibc
import Synchronization
import SystemCalls
import Testing
import WorkerPool

/// A process of the built program, or of another one.
///
/// Safe because the arrays and structures given to libc outlive the call.
final class MoonwheelProcess {
  enum Stream { case output, log }

  private struct Reader {
    var descriptor: Int32
    var text = ""
    var bytes: [UInt8] = []
    var isOpen = true
    var isPaused = false

    var isRead: Bool { isOpen && !isPaused }
  }

  /// Nanoseconds after which a test gives up.
  static let timeout: Int64 = 60_000_000_000

  /// Held while a test makes pipes and its child inherits them, so that no other child inherits them too.
  private static let spawning = Mutex(())

  let pid: pid_t
  private var output: Reader
  private var log: Reader
  private var hasEnded = false

  /// Starts the process, with its input closed or with a text as its input.
  init(
    program: String? = nil, _ arguments: [String], in folder: ScriptFolder? = nil,
    environment: [String: String] = [:], input: String? = nil
  ) throws {
    let command = [try program ?? BuiltProgram.path()] + arguments
    let (outputPipe, logPipe, inputPipe, child) = try Self.spawning.withLock { _ in
      let pipes = (try Pipe(), try Pipe(), try Pipe())
      let child = try Self.spawn(command, in: folder, environment, pipes)
      return (pipes.0, pipes.1, pipes.2, child)
    }
    pid = child
    for end in [inputPipe.reading, outputPipe.writing, logPipe.writing] { close(end) }
    output = Reader(descriptor: outputPipe.reading)
    log = Reader(descriptor: logPipe.reading)
    if let input { _ = unsafe write(inputPipe.writing, input, input.utf8.count) }
    close(inputPipe.writing)
  }

  private static func spawn(
    _ command: [String], in folder: ScriptFolder?, _ environment: [String: String],
    _ pipes: (output: Pipe, log: Pipe, input: Pipe)
  ) throws -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, pipes.input.reading, STDIN_FILENO)
    unsafe posix_spawn_file_actions_adddup2(&actions, pipes.output.writing, STDOUT_FILENO)
    unsafe posix_spawn_file_actions_adddup2(&actions, pipes.log.writing, STDERR_FILENO)
    // Restore defaults, as a shell does: the tests may have been started with these ignored.
    let program = "/usr/bin/env"
    let place = folder.map { ["-C", $0.path] } ?? []
    let start = ["--default-signal=PIPE,INT,QUIT,HUP,TERM"] + place
    var child: pid_t = 0
    let status = unsafe withStrings([program] + start + command) { arguments in
      unsafe withStrings(BuiltProgram.environment(adding: environment)) { environment in
        unsafe posix_spawn(&child, program, &actions, nil, arguments, environment)
      }
    }
    try #require(status == 0, "\(program): errno \(status)")
    return child
  }

  deinit {
    if !hasEnded {
      kill(pid, SIGKILL)
      var status: Int32 = 0
      unsafe waitpid(pid, &status, 0)
    }
    close(output.descriptor)
    close(log.descriptor)
  }

  func signal(_ number: Int32) { kill(pid, number) }

  /// The output so far.
  func text(_ stream: Stream) -> String { stream == .output ? output.text : log.text }

  /// Closes the reading end of the log.
  func stopReadingLog() {
    log.isOpen = false
    close(log.descriptor)
    log.descriptor = -1
  }

  /// Stops reading the log, as a reader that stalls.
  func pauseLog() { log.isPaused = true }

  func resumeLog() { log.isPaused = false }

  /// Waits for `count` lines that contain a text, and returns the last of them.
  @discardableResult
  func line(
    _ part: String, count: Int = 1, on stream: Stream = .log,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    let deadline = Clocks.monotonic() + Self.timeout
    while true {
      let text = text(stream)
      let complete = text.split(separator: "\n").dropLast(text.hasSuffix("\n") ? 0 : 1)
      let found = complete.filter { $0.contains(part) }
      if found.count >= count { return String(found[count - 1]) }
      guard readMore(until: deadline) else {
        Issue.record(
          "\"\(part)\" did not come \(count) times; the log is:\n\(log.text)",
          sourceLocation: sourceLocation)
        throw CancellationError()
      }
    }
  }

  /// Waits for the end of the process. Returns the exit code, or the negative number of the signal that ended it.
  func exit(sourceLocation: SourceLocation = #_sourceLocation) throws -> Int32 {
    let deadline = Clocks.monotonic() + Self.timeout
    while readMore(until: deadline) {}
    try #require(
      !output.isOpen && !log.isRead, "it does not end; the log is:\n\(log.text)",
      sourceLocation: sourceLocation)
    var status: Int32 = 0
    try #require(unsafe waitpid(pid, &status, 0) == pid)
    hasEnded = true
    let signal = status & 0x7f
    return signal == 0 ? (status >> 8) & 0xff : -signal
  }

  /// Whether more output may come.
  var isOpen: Bool { output.isOpen || log.isOpen }

  /// Waits for output and reads it. False at the deadline, and at the end of all output.
  func readMore(until deadline: Int64) -> Bool {
    guard output.isRead || log.isRead else { return false }
    var polled = [output, log].map {
      pollfd(fd: $0.isRead ? $0.descriptor : -1, events: Int16(POLLIN), revents: 0)
    }
    let left = (deadline - Clocks.monotonic()) / 1_000_000
    guard left > 0, unsafe poll(&polled, 2, Int32(left)) > 0 else { return false }
    if polled[0].revents != 0 { Self.read(&output) }
    if polled[1].revents != 0 { Self.read(&log) }
    return true
  }

  private static func read(_ reader: inout Reader) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = unsafe Glibc.read(reader.descriptor, &buffer, buffer.count)
    guard count > 0 else {
      reader.isOpen = false
      return
    }
    reader.bytes += buffer.prefix(count)
    reader.text = String(decoding: reader.bytes, as: UTF8.self)
  }
}

/// The exit code and output of a program.
struct Outcome {
  var code: Int32
  var output: String
  var log: String

  var lines: [String] { output.split(separator: "\n").map(String.init) }
}

/// Runs the program to its end.
func moonwheel(
  _ arguments: String..., in folder: ScriptFolder? = nil, environment: [String: String] = [:],
  input: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
) throws -> Outcome {
  try moonwheel(
    arguments, in: folder, environment: environment, input: input, sourceLocation: sourceLocation)
}

func moonwheel(
  _ arguments: [String], in folder: ScriptFolder? = nil, environment: [String: String] = [:],
  input: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
) throws -> Outcome {
  let process = try MoonwheelProcess(
    arguments, in: folder, environment: environment, input: input)
  let code = try process.exit(sourceLocation: sourceLocation)
  return Outcome(code: code, output: process.text(.output), log: process.text(.log))
}

/// A pipe whose ends no other child inherits.
private struct Pipe {
  let reading: Int32
  let writing: Int32

  init() throws {
    var ends: [Int32] = [0, 0]
    try #require(unsafe pipe(&ends) == 0, "errno \(errno)")
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (reading, writing) = (ends[0], ends[1])
  }
}

/// Calls with a null-terminated array of C strings.
private func withStrings<T>(
  _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> T
) -> T {
  var pointers = unsafe texts.map { unsafe strdup($0) } + [nil]
  defer { for index in unsafe pointers.indices { unsafe free(pointers[index]) } }
  return unsafe pointers.withUnsafeMutableBufferPointer { buffer in
    guard let first = buffer.baseAddress else { preconditionFailure("an array with a null") }
    return unsafe body(first)
  }
}

/// The program that was built with these tests.
enum BuiltProgram {
  /// The path of the program, which is next to the test bundle.
  static func path() throws -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
    let own = String(
      decoding: buffer.prefix(max(count, 0)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    let folder = own.split(separator: "/").dropLast().joined(separator: "/")
    let path = "/\(folder)/moonwheel"
    try #require(unsafe access(path, X_OK) == 0, "there is no program at \(path)")
    return path
  }

  /// The environment of the tests, with UTC, and without variables that the program reads.
  static func environment(adding more: [String: String]) -> [String] {
    var variables: [String] = []
    var next = unsafe environ
    while let variable = unsafe next.pointee {
      variables.append(unsafe String(cString: variable))
      unsafe next += 1
    }
    let given = more.merging(["TZ": "UTC"]) { given, _ in given }
    let kept = variables.filter { variable in
      let name = String(variable.prefix { $0 != "=" })
      return !name.hasPrefix("MOONWHEEL_") && given[name] == nil
    }
    return kept + given.map { "\($0.key)=\($0.value)" }
  }
}
