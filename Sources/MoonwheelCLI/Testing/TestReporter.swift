import JobHistory
import Moonwheel
import MoonwheelReports

/// Prints the results of tests in some form.
protocol TestReporter {
  /// Called after each test.
  func report(_ result: TestResult)
  /// Called after the last test.
  func end(_ results: [TestResult], seconds: Double)
  /// Shows the permissions that scripts needed and do not ask for; called at the very end.
  func show(needed: [String])
}

/// For people: a line for each test, and the errors.
struct PrettyTestReporter: TestReporter {
  private let hasColors = Terminal.hasColors

  func report(_ result: TestResult) {
    let time = result.seconds >= 0.5 ? " (\(result.seconds.decimal(2)) s)" : ""
    let name = "\(result.file): \(result.name.replacing("\n", with: " "))".escapingControls
    guard let failure = result.failure else {
      printStyledLine("\(styled("ok", Self.green))      \(name)\(time)")
      return
    }
    printStyledLine("\(styled("FAILED", Self.red))  \(name)\(time)")
    printLines(failure.lines(indent: 8))
  }

  func end(_ results: [TestResult], seconds: Double) {
    guard !results.isEmpty else { return }
    let failed = results.count { $0.failure != nil }
    let text = "\(results.count - failed) passed, \(failed) failed"
    printStyledLine(
      styled(text, failed == 0 ? Self.green : Self.red) + " (\(seconds.decimal(2)) s)")
  }

  func show(needed: [String]) {
    if !needed.isEmpty { printLines([""] + needed) }
  }

  private static let red = 31
  private static let green = 32

  private func styled(_ text: String, _ color: Int) -> String {
    hasColors ? ShortText.styled(text, color) : text
  }
}

extension RunFailure {
  /// The message and the traceback, indented by spaces.
  fileprivate func lines(indent: Int) -> [String] {
    fullText.split(separator: "\n", omittingEmptySubsequences: false).map {
      String(repeating: " ", count: indent) + $0
    }
  }
}

extension Double {
  /// The number with two or three decimals.
  fileprivate func decimal(_ places: Int) -> String {
    let scale = places == 2 ? 100 : 1_000
    let units = Int((self * Double(scale)).rounded())
    return "\(units / scale).\("\(scale + units % scale)".dropFirst())"
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
    printLines(failure.lines(indent: 4))
    printLine("  ...")
  }

  func end(_ results: [TestResult], seconds: Double) { printLine("1..\(results.count)") }

  func show(needed: [String]) { printLines(needed.map { "# \($0)" }) }
}

/// The XML of JUnit's Ant task, as CI servers read it: a suite for each file.
struct JUnitReporter: TestReporter {
  func report(_ result: TestResult) {}

  /// The form has no place for it.
  func show(needed: [String]) {}

  func end(_ results: [TestResult], seconds: Double) {
    let failed = results.count { $0.failure != nil }
    printLine("<?xml version=\"1.0\" encoding=\"UTF-8\"?>")
    printLine(
      "<testsuites tests=\"\(results.count)\" failures=\"\(failed)\" time=\"\(seconds.decimal(3))\">"
    )
    var files: [String] = []
    for result in results where files.last != result.file { files.append(result.file) }
    for file in files { printSuite(file, results.filter { $0.file == file }) }
    printLine("</testsuites>")
  }

  private func printSuite(_ file: String, _ results: [TestResult]) {
    let failed = results.count { $0.failure != nil }
    let total = results.reduce(0) { $0 + $1.seconds }.decimal(3)
    printLine(
      "  <testsuite name=\"\(escaped(file))\" tests=\"\(results.count)\" failures=\"\(failed)\" time=\"\(total)\">"
    )
    for result in results {
      let head =
        "    <testcase classname=\"\(escaped(file))\" name=\"\(escaped(result.name))\" time=\"\(result.seconds.decimal(3))\""
      guard let failure = result.failure else {
        printLine(head + "/>")
        continue
      }
      printLine(head + ">")
      let first = escaped(failure.message.split(separator: "\n").first.map(String.init) ?? "")
      printLine("      <failure message=\"\(first)\">\(escaped(failure.fullText))</failure>")
      printLine("    </testcase>")
    }
    printLine("  </testsuite>")
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
