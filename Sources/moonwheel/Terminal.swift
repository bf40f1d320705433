import ArgumentParser
import Glibc

/// What goes wrong for a user: a message on stderr and an exit code.
struct Failure: Error {
  let message: String
  var code: Int32 = 1

  /// Prints the message and gives what ends the command.
  func report() -> ExitCode {
    complain(message)
    return ExitCode(code)
  }
}

/// On stderr, after what was logged before.
func complain(_ message: String) { LogSink.standardError.write(message) }

func say(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

/// Writes all of a text; a reader that has gone away ends the program as it does any other. Whether all is written: on a
/// thread that blocks signals, such a reader ends nothing.
@discardableResult
func write(_ text: String, to descriptor: Int32) -> Bool {
  Descriptor.write(Array(text.utf8)[...], to: descriptor)
}

/// A reader of the log that goes away is no reason for the jobs to stop.
func ignoreBrokenPipes() { _ = signal(SIGPIPE, SIG_IGN) }

/// The value of `MOONWHEEL_NAME`, for a flag that was not given.
func environment(_ name: String) -> String? {
  guard let value = unsafe getenv("MOONWHEEL_" + name) else { return nil }
  let text = unsafe String(cString: value)
  return text.isEmpty ? nil : text
}

func environmentFlag(_ name: String) -> Bool {
  ["1", "true", "yes", "on"].contains(environment(name)?.lowercased() ?? "")
}

enum Terminal {
  /// Whether stdout shows colors.
  static var hasColors: Bool {
    guard isatty(STDOUT_FILENO) == 1 else { return false }
    guard let value = unsafe getenv("NO_COLOR") else { return true }
    return unsafe value.pointee == 0
  }
}
