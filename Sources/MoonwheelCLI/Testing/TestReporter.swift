import Moonwheel

/// Prints the results of tests in some form.
protocol TestReporter {
  /// Called after each test.
  func report(_ result: TestResult)
  /// Called after the last test.
  func end(_ results: [TestResult], seconds: Double)
}

/// For people: a line for each test, and the errors.
struct PrettyTestReporter: TestReporter {
  private let hasColors = Terminal.hasColors

  func report(_ result: TestResult) {
    let time = result.seconds >= 0.5 ? String.seconds(result.seconds) : ""
    let name = result.name.replacing("\n", with: " ")
    guard let failure = result.failure else {
      printLine("\(green("ok"))      \(result.file): \(name)\(time)")
      return
    }
    printLine("\(red("FAILED"))  \(result.file): \(name)\(time)")
    let text = failure.message + (failure.traceback.isEmpty ? "" : "\n" + failure.traceback)
    printLine(
      text.split(separator: "\n", omittingEmptySubsequences: false)
        .map { "        \($0)" }.joined(separator: "\n"))
  }

  func end(_ results: [TestResult], seconds: Double) {
    guard !results.isEmpty else { return }
    let failed = results.count { $0.failure != nil }
    let text = "\(results.count - failed) passed, \(failed) failed"
    printLine((failed == 0 ? green(text) : red(text)) + String.seconds(seconds))
  }

  private func green(_ text: String) -> String { hasColors ? "\u{1B}[32m\(text)\u{1B}[0m" : text }
  private func red(_ text: String) -> String { hasColors ? "\u{1B}[31m\(text)\u{1B}[0m" : text }
}

extension String {
  /// ` (1.23 s)`
  fileprivate static func seconds(_ seconds: Double) -> String {
    let hundredths = Int((seconds * 100).rounded())
    let fraction = hundredths % 100
    return " (\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) s)"
  }
}

/// Test Anything Protocol, https://testanything.org/tap-version-13-specification.html.
final class TAPReporter: TestReporter {
  private var count = 0

  init() { printLine("TAP version 13") }

  func report(_ result: TestResult) {
    count += 1
    // A bare # begins a directive.
    let name = "\(result.file): \(result.name)".replacing("#", with: "\\#")
    printLine(
      "\(result.failure == nil ? "ok" : "not ok") \(count) - \(name.replacing("\n", with: " "))")
    guard let failure = result.failure else { return }
    printLine("  ---\n  message: |")
    let text = failure.message + (failure.traceback.isEmpty ? "" : "\n" + failure.traceback)
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      printLine("    \(line)")
    }
    printLine("  ...")
  }

  func end(_ results: [TestResult], seconds: Double) { printLine("1..\(results.count)") }
}

/// The XML of JUnit's Ant task, as CI servers read it: a suite for each file.
struct JUnitReporter: TestReporter {
  func report(_ result: TestResult) {}

  func end(_ results: [TestResult], seconds: Double) {
    let failed = results.count { $0.failure != nil }
    printLine("<?xml version=\"1.0\" encoding=\"UTF-8\"?>")
    printLine(
      "<testsuites tests=\"\(results.count)\" failures=\"\(failed)\" time=\"\(time(seconds))\">")
    var files: [String] = []
    for result in results where files.last != result.file { files.append(result.file) }
    for file in files { printSuite(file, results.filter { $0.file == file }) }
    printLine("</testsuites>")
  }

  private func printSuite(_ file: String, _ results: [TestResult]) {
    let failed = results.count { $0.failure != nil }
    let total = time(results.reduce(0) { $0 + $1.seconds })
    printLine(
      "  <testsuite name=\"\(escaped(file))\" tests=\"\(results.count)\" failures=\"\(failed)\" time=\"\(total)\">"
    )
    for result in results {
      let head =
        "    <testcase classname=\"\(escaped(file))\" name=\"\(escaped(result.name))\" time=\"\(time(result.seconds))\""
      guard let failure = result.failure else {
        printLine(head + "/>")
        continue
      }
      printLine(head + ">")
      let text = failure.message + (failure.traceback.isEmpty ? "" : "\n" + failure.traceback)
      let first = failure.message.split(separator: "\n").first.map(String.init) ?? ""
      printLine("      <failure message=\"\(escaped(first))\">\(escaped(text))</failure>")
      printLine("    </testcase>")
    }
    printLine("  </testsuite>")
  }

  private func time(_ seconds: Double) -> String {
    let milliseconds = Int((seconds * 1000).rounded())
    let fraction = "\(1000 + milliseconds % 1000)".dropFirst()
    return "\(milliseconds / 1000).\(fraction)"
  }

  private func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "\n", "\t": escaped.unicodeScalars.append(scalar)
      // XML allows no other control characters.
      case _ where scalar.value < 32: escaped += "?"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
