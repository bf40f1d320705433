import Glibc

/// On stderr, after all that was logged before.
func printError(_ message: String) { LogSink.standardError.write(message) }

/// On stdout.
func printLine(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

/// Texts, or JSON values, on stdout, a line each.
func printLines(_ lines: [some CustomStringConvertible]) {
  for line in lines { printLine(line.description) }
}

/// Writes all of a text, and answers whether it could. A reader that has gone ends the program, by SIGPIPE, unless the
/// calling thread blocks that signal.
@discardableResult
func write(_ text: String, to descriptor: Int32) -> Bool {
  Descriptor.write(Array(text.utf8)[...], to: descriptor)
}

/// A log whose reader has gone is no reason for jobs to stop.
func ignoreBrokenPipes() { _ = signal(SIGPIPE, SIG_IGN) }

/// The value of `MOONWHEEL_NAME`, which stands in for a flag; nil where it is not set, or empty.
package func environment(_ name: String) -> String? { ProcessEnvironment.value("MOONWHEEL_" + name) }

func environmentFlag(_ name: String) -> Bool {
  ["1", "true", "yes", "on"].contains(environment(name)?.lowercased() ?? "")
}

enum Terminal {
  /// Whether stdout shows colors: a terminal reads, and `NO_COLOR` is not set (no-color.org).
  static var hasColors: Bool {
    Descriptor.isTerminal(STDOUT_FILENO) && ProcessEnvironment.value("NO_COLOR") == nil
  }

  /// Whether the terminal gets ASCII alone: the locale does not say UTF-8, or `NO_COLOR` asks for simple output.
  static var isASCII: Bool {
    if ProcessEnvironment.value("NO_COLOR") != nil { return true }
    let names = ["LC_ALL", "LC_CTYPE", "LANG"]
    let locale = names.lazy.compactMap { ProcessEnvironment.value($0) }.first?.lowercased() ?? ""
    return !(locale.contains("utf-8") || locale.contains("utf8"))
  }
}
