import Moonwheel
import SystemCalls
import Testing

@testable import MoonwheelCLI

/// The unit for systemd says what the program understands. `make test-package` runs it.
@Suite struct UnitFileTests {
  private static let root = #filePath.split(separator: "/").dropLast(4).map { "/" + $0 }.joined()

  /// The values of a key, in the order of the file.
  private func values(of key: String) throws -> [Substring] {
    let path = Self.root + "/packaging/moonwheel.service"
    let unit = String(decoding: try RegularFile.read(path, atMost: 1 << 20), as: UTF8.self)
    return unit.split(separator: "\n").filter { $0.hasPrefix(key + "=") }
      .map { $0.dropFirst(key.count + 1) }
  }

  @Test func `each variable that it sets is that of an option of run`() throws {
    let settings = try values(of: "Environment").flatMap { $0.split(separator: " ") }
    #expect(!settings.isEmpty)
    for setting in settings {
      let name = try #require(setting.split(separator: "=").first)
      let option = name.replacing("MOONWHEEL_", with: "").lowercased().replacing("_", with: "-")
      #expect(RunOption(rawValue: option) != nil, "\(name)")
    }
  }

  @Test func `its command line is one of run`() throws {
    let line = try #require(try values(of: "ExecStart").first)
    let words = line.split(separator: " ").map(String.init)
    #expect(words.first == "/usr/bin/moonwheel")
    #expect(RunArguments(withoutParser: words.dropFirst())?.paths == ["/etc/moonwheel/scripts"])
  }

  @Test func `systemd waits longer for the stop than the host for its runs`() throws {
    let limit = try #require(try values(of: "TimeoutStopSec").first)
    let seconds = try Setting(name: "TimeoutStopSec", text: String(limit)).length() / 1_000_000_000
    let grace = Configuration(paths: []).shutdownTimeout
    #expect(.seconds(seconds) >= grace + .seconds(5))
  }
}
