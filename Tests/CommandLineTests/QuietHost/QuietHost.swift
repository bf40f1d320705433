import Glibc
import Moonwheel
import SQLiteJobStore
import SystemCalls
import Testing
import WorkerPool

/// A host with a store in a file and hardly anything to do, and what it does in the time that it has.
struct QuietHost {
  /// How long a host lives, in seconds.
  static let life = 5.5

  /// What happens to it from outside, as soon as its log has the line "acts".
  enum Deed: Sendable {
    case write(String, String)
    case stop
  }

  /// To start takes some processor time: few do at once, so that the machine stays quiet.
  private static let starting = Gate(2)

  private(set) var log = QuietLog()
  /// By wall time, how many attempts of the job were over in the store when somebody looked.
  private(set) var looks: [(time: Double, ended: Int)] = []
  /// Wall times.
  private(set) var didAt: Double?
  private(set) var endedAt = 0.0

  /// Runs a host to its end, in the calling thread, and looks into its store while that may not have what the log has.
  init(_ scripts: [String: String], flags: [String] = [], _ deed: Deed? = nil) throws {
    let folder = try ScriptFolder(scripts)
    let process = try Self.starting.take {
      let process = try MoonwheelProcess(
        ["run", folder.path, "--for", "\(Self.life)s", "--log", "json"] + flags)
      try process.line("loaded")
      return process
    }
    let store = SQLiteJobStore(path: "\(folder.path)/.moonwheel/store.db", mode: .readOnly)
    defer { store.close() }
    while true {
      let isBehind = (looks.last?.ended ?? 0) < log.ends.count
      let goesOn = process.readMore(
        until: Clocks.monotonic() + (isBehind ? 10_000_000 : MoonwheelProcess.patience))
      try log.read(process.text(.log))
      guard goesOn || process.isOpen else { break }
      if let deed, didAt == nil, log.first(.printed("acts")) != nil {
        didAt = wallTime()
        switch deed {
        case .write(let name, let text): try folder.write(name, text)
        case .stop: process.signal(SIGTERM)
        }
      }
      guard (looks.last?.ended ?? 0) < log.ends.count else { continue }
      let time = wallTime()
      let ended = try store.runs(RunQuery(name: "j")).filter { $0.status != .running }.count
      looks.append((time, ended))
    }
    endedAt = wallTime()
    let code = try process.exit()
    try #require(code == 0, "\(process.text(.log))")
  }

  /// When the store was last seen without so many attempts that are over; nil if it never had them.
  func lastWithout(_ count: Int) -> Double?? {
    guard let place = looks.firstIndex(where: { $0.ended >= count }) else { return nil }
    return .some(looks[..<place].last?.time)
  }
}

/// Lets so many through at once.
final class Gate: Sendable {
  private let free: Condition<Int>

  init(_ most: Int) { free = Condition(most) }

  func take<R>(_ body: () throws -> R) rethrows -> R {
    free.wait { (free: inout Int) -> Void? in
      guard free > 0 else { return nil }
      free -= 1
      return ()
    }
    defer {
      free.withLock { $0 += 1 }
      free.signal()
    }
    return try body()
  }
}

extension QuietLog {
  /// The lines that attempts of the job print last.
  var ends: [(place: Int, line: Line, attempt: Int)] {
    lines.enumerated().compactMap { place, line in
      guard line.event == nil, line.message.hasPrefix("end "),
        let attempt = Int(line.message.dropFirst(4))
      else { return nil }
      return (place, line, attempt)
    }
  }
}
