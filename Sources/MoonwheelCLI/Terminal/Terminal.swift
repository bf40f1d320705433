import Glibc
import JobHistory
import MoonwheelReports
import SystemCalls

/// Writes a line, or several, to stderr, after all that was logged before. Escapes control characters.
func printError(_ message: String) {
  LogSink.standardError.write(message.escapingControlsInLines)
}

/// Writes a line, or several, to stdout. Escapes control characters: a script's text must not control the terminal.
func printLine(_ text: String) { printStyledLine(text.escapingControlsInLines) }

/// Writes a line whose control characters are our own to stdout.
func printStyledLine(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

/// Writes texts, or JSON values, to stdout, a line each.
func printLines(_ lines: [some CustomStringConvertible]) {
  for line in lines { printLine(line.description) }
}

/// Writes all of a text, and answers whether it could. If the reader has closed the pipe, SIGPIPE ends the program,
/// unless the calling thread blocks that signal.
@discardableResult
func write(_ text: String, to descriptor: Int32) -> Bool {
  Output.write(Array(text.utf8)[...], to: descriptor)
}

/// Ignores SIGPIPE: jobs go on when the reader of the log closes it.
func ignoreBrokenPipes() { _ = signal(SIGPIPE, SIG_IGN) }

/// The properties of the terminal on stdout.
enum Terminal {
  static var isPresent: Bool { Output.isTerminal(STDOUT_FILENO) }

  /// Whether stdout shows colors: it is a terminal, and `NO_COLOR` is not set (no-color.org).
  static var hasColors: Bool {
    Output.isTerminal(STDOUT_FILENO) && Environment.nonEmpty("NO_COLOR") == nil
  }

  /// Whether to write ASCII only: the locale does not say UTF-8, or `NO_COLOR` asks for simple output.
  static var isASCII: Bool {
    if Environment.nonEmpty("NO_COLOR") != nil { return true }
    let names = ["LC_ALL", "LC_CTYPE", "LANG"]
    let locale = names.lazy.compactMap { Environment.nonEmpty($0) }.first?.lowercased() ?? ""
    return !(locale.contains("utf-8") || locale.contains("utf8"))
  }
}
