import Glibc
import Synchronization

/// The last call of a fuzz test, printed when a trap ends the process: seed and call reproduce the trap.
///
/// Safe although it holds a pointer: the memory is never freed, and a signal handler reads only within it, even if a
/// line is half written.
@safe
enum LastCall {
  private static let space = 8_192
  /// A line with its line feed, then zeros.
  private nonisolated(unsafe) static let text: UnsafeMutablePointer<UInt8> = {
    let text = UnsafeMutablePointer<UInt8>.allocate(capacity: space)
    unsafe text.initialize(repeating: 0, count: space)
    return unsafe text
  }()
  private static let isWatching = Atomic<Bool>(false)

  /// Records the next call; a long one is truncated.
  static func record(_ call: String) {
    var index = 0
    for byte in call.utf8.prefix(space - 2) {
      unsafe text[index] = byte < 32 ? 32 : byte
      index += 1
    }
    unsafe text[index] = 10
    unsafe text[index + 1] = 0
  }

  /// From now on a trap prints the last call before it ends the process.
  static func watch() {
    record("nothing yet")
    guard !isWatching.exchange(true, ordering: .relaxed) else { return }
    for signal in [SIGILL, SIGTRAP, SIGABRT] {
      var action = sigaction()
      unsafe action.__sigaction_handler.sa_handler = { signal in
        let text = unsafe LastCall.text
        unsafe write(STDERR_FILENO, "the fuzz trapped in: ", 21)
        unsafe write(
          STDERR_FILENO, text, strlen(UnsafeRawPointer(text).assumingMemoryBound(to: CChar.self)))
        var before = sigaction()
        unsafe before.__sigaction_handler.sa_handler = SIG_DFL
        unsafe sigaction(signal, &before, nil)
      }
      unsafe sigaction(signal, &action, nil)
    }
  }
}
