import Glibc
import Synchronization

/// The last call that a fuzz made, to be told when the process is ended by a trap: with it and the seed, the call can be made
/// again.
///
/// Safe although it holds a pointer: the memory is never freed, and what is read of it in a signal handler may be half
/// written, but lies within it.
@safe
enum CallNote {
  private static let space = 8_192
  /// A line that ends with a line feed, and zeros.
  private nonisolated(unsafe) static let text: UnsafeMutablePointer<UInt8> = {
    let text = UnsafeMutablePointer<UInt8>.allocate(capacity: space)
    unsafe text.initialize(repeating: 0, count: space)
    return unsafe text
  }()
  private static let isWatching = Atomic<Bool>(false)

  /// Notes what is about to be called. Cuts what is long.
  static func note(_ call: String) {
    var place = 0
    for byte in call.utf8.prefix(space - 2) {
      unsafe text[place] = byte < 32 ? 32 : byte
      place += 1
    }
    unsafe text[place] = 10
    unsafe text[place + 1] = 0
  }

  /// From now on a trap tells the last call before it ends the process as it would have.
  static func watch() {
    note("nothing yet")
    guard !isWatching.exchange(true, ordering: .relaxed) else { return }
    for signal in [SIGILL, SIGTRAP, SIGABRT] {
      var action = sigaction()
      unsafe action.__sigaction_handler.sa_handler = { signal in
        let text = unsafe CallNote.text
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
