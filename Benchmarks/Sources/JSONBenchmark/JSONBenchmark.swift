import BenchmarkSupport
import Foundation
import Moonwheel

/// `json.decode` and `json.encode` of a script, beside lua-cjson in stock Lua 5.4, in one run: megabytes of text a second
/// of processor time. lua-cjson writes floats with 14 digits and reads integers as floats, so its rows with numbers do
/// less.
///
///     JSONBenchmark [--smoke]
@main
struct JSONBenchmark {
  private static let rounds = isSmoke ? 1 : 10
  private static let folder = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
  private static let workloads = folder + "/Peers/json.lua"

  private struct Speed {
    var decoding: Double
    var encoding: Double
  }

  static func main() async throws {
    let peers = peer()
    let names = [
      "one small object", "10,000 records", "100,000 floats", "strings with escapes", "strings",
    ]
    let ours = try await ours(names.count)
    print(
      pad("MB/s", 22), pad("decode", 8), pad("lua-cjson", 10), pad("ratio", 8), pad("encode", 8),
      pad("lua-cjson", 10), "ratio")
    for (name, our) in zip(names, ours) {
      let peer = peers[name]
      print(
        pad(name, 22), pad(rounded(our.decoding, 0), 8),
        pad(peer.map { rounded($0.decoding, 0) } ?? "-", 10),
        pad(peer.map { rounded(our.decoding / $0.decoding) } ?? "-", 8),
        pad(rounded(our.encoding, 0), 8), pad(peer.map { rounded($0.encoding, 0) } ?? "-", 10),
        peer.map { rounded(our.encoding / $0.encoding) } ?? "-")
    }
    if peers.isEmpty { print("lua-cjson is not installed: make bench-peers") }
  }

  /// In a callback, with its limits.
  private static func ours(_ count: Int) async throws -> [Speed] {
    let text = try String(contentsOfFile: workloads, encoding: .utf8)
    let host = try await Host(
      """
      defaults { memory = "256 MiB" }
      local arg
      \(text)
      local function clock() return processor_time() / 1e9 end
      on("go", function()
        measure_json(json.decode, json.encode, clock, \(rounds), function(_, decoding, encoding)
          report("speed", decoding, encoding)
        end)
      end)
      """)
    try host.scheduler.emit("go")
    var speeds: [Speed] = []
    for _ in 0..<count {
      let figures = await host.next("speed")
      speeds.append(Speed(decoding: figures[0], encoding: figures[1]))
    }
    await host.stop()
    return speeds
  }

  /// Empty if lua-cjson is not installed.
  private static func peer() -> [String: Speed] {
    guard let child = Child(["lua5.4", workloads, "\(rounds)"]) else { return [:] }
    var speeds: [String: Speed] = [:]
    while let line = child.nextLine() {
      let parts = line.split(separator: "\t")
      guard parts.count == 3, let decoding = Double(parts[1]), let encoding = Double(parts[2])
      else { continue }
      speeds[String(parts[0])] = Speed(decoding: decoding, encoding: encoding)
    }
    child.wait()
    return speeds
  }
}
