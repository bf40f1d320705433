import Glibc

/// Python schedulers, measured by a Python program in the same run.
enum Peers {
  static let names = ["croniter", "cronsim"]

  /// Nanoseconds by peer and expression; empty if the peers are not installed.
  static func times(_ expressions: [String], rounds: Int) -> [[String]: Double] {
    let quoted = expressions.map { "'\($0)'" }.joined(separator: " ")
    let command = "\(python) '\(folder)/Benchmarks/Peers/cron.py' \(rounds) \(quoted) 2>/dev/null"
    var times: [[String]: Double] = [:]
    for line in lines(of: command) {
      let parts = line.split(separator: "\t").map(String.init)
      guard parts.count == 3 else { continue }
      times[[parts[0], parts[1]]] = Double(parts[2])
    }
    return times
  }

  /// The Python of `make bench-peers`, else the system's.
  private static var python: String {
    let own = folder + "/.build-peers/bin/python3"
    return unsafe access(own, X_OK) == 0 ? "'\(own)'" : "python3"
  }

  private static let folder = #filePath.split(separator: "/").dropLast(4).map { "/" + $0 }.joined()

  /// The output of a command; empty if it cannot be run.
  ///
  /// Safe because the buffer outlives each call, and the bytes that are read into it end with a zero.
  private static func lines(of command: String) -> [Substring] {
    guard let stream = unsafe popen(command, "r") else { return [] }
    defer { unsafe pclose(stream) }
    var text = ""
    var buffer = [CChar](repeating: 0, count: 4096)
    while unsafe fgets(&buffer, Int32(buffer.count), stream) != nil {
      text += String(
        decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
    return text.split(separator: "\n")
  }
}
