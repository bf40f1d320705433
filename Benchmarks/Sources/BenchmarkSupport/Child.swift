import Glibc

/// A child process, whose standard output (and standard error, if asked for) this process reads. It is killed after
/// ``limit`` seconds.
///
/// Safe because the buffers that the system calls get outlive the calls.
public final class Child {
  private static let limit: Int64 = 180

  public let id: pid_t
  private let deadline = Process.monotonicTime() + Child.limit * 1_000_000_000
  private let output: Int32
  private var text: [UInt8] = []
  private var isOver = false

  /// Nil if there is no such program.
  public init?(_ command: [String], withErrors: Bool = false) {
    var ends: [Int32] = [0, 0]
    let status = unsafe pipe(&ends)
    precondition(status == 0, "no pipe: error \(errno)")
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    if withErrors { unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 2) }
    unsafe posix_spawn_file_actions_addclose(&actions, ends[0])
    unsafe posix_spawn_file_actions_addclose(&actions, ends[1])
    var arguments = unsafe command.map { unsafe strdup($0) } + [nil]
    var id: pid_t = 0
    let failure = unsafe posix_spawnp(&id, command[0], &actions, nil, &arguments, environ)
    unsafe arguments.withUnsafeBufferPointer { texts in
      for place in texts.indices { unsafe free(texts[place]) }
    }
    unsafe posix_spawn_file_actions_destroy(&actions)
    close(ends[1])
    output = ends[0]
    self.id = id
    guard failure == 0 else {
      isOver = true
      return nil
    }
  }

  /// The next line that the program writes; nil at the end.
  public func nextLine() -> String? {
    while true {
      if let end = text.firstIndex(of: UInt8(ascii: "\n")) {
        defer { text.removeFirst(end + 1) }
        return String(decoding: text[..<end], as: UTF8.self)
      }
      let left = max(0, deadline - Process.monotonicTime()) / 1_000_000
      var descriptor = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&descriptor, 1, Int32(left)) > 0 else {
        kill(id, SIGKILL)
        return nil
      }
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = unsafe read(output, &buffer, buffer.count)
      guard count > 0 else { return nil }
      text += buffer[..<count]
    }
  }

  /// The next line that contains a text; nil if none comes.
  public func line(with text: String) -> String? {
    while let line = nextLine() {
      if line.contains(text) { return line }
    }
    return nil
  }

  /// Ends the program, and waits until it has ended.
  public func stop() {
    if !isOver { kill(id, SIGTERM) }
    wait()
  }

  /// Waits for the end of the program; returns whether it succeeded.
  @discardableResult
  public func wait() -> Bool {
    guard !isOver else { return false }
    isOver = true
    var status: Int32 = 0
    while unsafe waitpid(id, &status, 0) < 0, errno == EINTR {}
    return status == 0
  }

  deinit {
    stop()
    close(output)
  }
}
