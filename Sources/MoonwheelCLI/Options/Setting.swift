import JobHistory
import Moonwheel
import MoonwheelModel
import MoonwheelReports
import ScriptHost
import SystemCalls
import SystemZones
import Triggers

/// The text of a flag, or of its environment variable, with the name under which the user gave it.
///
/// A text that cannot be read is wrong usage: exit code 64.
struct Setting {
  /// `--shutdown-timeout` or `MOONWHEEL_SHUTDOWN_TIMEOUT`.
  let name: String
  let text: String
}

extension Setting {
  /// Nil if neither is given. The flag overrides the variable.
  init?(_ flag: String, _ given: String?) {
    if let given {
      self.init(name: "--" + flag, text: given)
      return
    }
    let variable = String(flag.map { $0 == "-" ? "_" : $0 }).uppercased()
    guard let value = environment(variable) else { return nil }
    self.init(name: "MOONWHEEL_" + variable, text: value)
  }

  /// All values of a flag that may be repeated; the variable separates them by commas.
  static func all(_ flag: String, _ given: [String]) -> [Setting] {
    if !given.isEmpty { return given.map { Setting(name: "--" + flag, text: $0) } }
    guard let variable = Setting(flag, nil) else { return [] }
    return variable.text.split(separator: ",").map {
      Setting(name: variable.name, text: String($0))
    }
  }

  /// A piece of the text, under the same name.
  func part(_ text: some StringProtocol) -> Setting { Setting(name: name, text: String(text)) }

  /// A length of time in nanoseconds.
  func length() throws(Failure) -> Int64 {
    do { return try DurationText.parse(text) } catch {
      // A flag is a text, never a number.
      let message = error.message
      let end = message.firstRange(of: " or the number ")?.lowerBound ?? message.endIndex
      throw wrong(String(message[..<end]))
    }
  }

  func length(in range: ClosedRange<Int64>) throws(Failure) -> Int64 {
    let length: Int64
    do { length = try DurationText.parse(text) } catch {
      // Shorter than any duration can be, so it is out of the range.
      guard error.code == .tooOften else { return try self.length() }
      length = 0
    }
    if range.contains(length) { return length }
    throw wrong(
      "must be from \(DurationText.format(range.lowerBound)) to \(DurationText.format(range.upperBound)), not \"\(text)\""
    )
  }

  func integer(in range: ClosedRange<Int>) throws(Failure) -> Int {
    guard let integer = Int(text), range.contains(integer) else {
      throw wrong(
        "must be a whole number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
    }
    return integer
  }

  /// A number of bytes: `512M`. The units are powers of 1,024.
  func bytes(atLeast least: Int) throws(Failure) -> Int {
    guard let bytes = MemorySize.bytes(text) else {
      throw wrong("must be a size as in 512M or 2G, not \"\(text)\"")
    }
    guard bytes >= least, bytes < .max else {
      throw wrong("must be at least \(least >> 20)M and fit into memory, not \"\(text)\"")
    }
    return bytes
  }

  func choice<T: RawRepresentable & CaseIterable>(_ type: T.Type) throws(Failure) -> T
  where T.RawValue == String {
    guard let choice = T(rawValue: text) else {
      let all = T.allCases.map(\.rawValue).joined(separator: ", ")
      throw wrong("must be one of \(all), not \"\(text)\"")
    }
    return choice
  }

  func pattern() throws(Failure) -> String {
    do { _ = try EventPattern(text) } catch { throw wrong(error.description) }
    return text
  }

  func zone() throws(Failure) -> Zone {
    do { return try SystemZones.shared.zone(named: text) } catch { throw wrong(error.message) }
  }

  /// The path of a file.
  func scriptFile() throws(Failure) -> String {
    switch FileStatus(of: text)?.kind {
    case .file: return text
    case nil: throw wrong("no such script: \(text.escapingControls)")
    case .folder, .link, .other:
      throw wrong("must be a script, which \(text.escapingControls) is not")
    }
  }

  /// The absolute path of a file that can be read.
  func readableFile() throws(Failure) -> String {
    do throws(SystemCallError) { try FileNames.checkReadable(text) } catch {
      throw wrong("\(text.escapingControls) cannot be read: \(error.reason)")
    }
    return Paths.absolute(text)
  }

  func wrong(_ problem: String) -> Failure {
    Failure("\(name): \(problem)", code: 64)
  }
}
