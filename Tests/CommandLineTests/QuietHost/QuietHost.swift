import Glibc
import Layers
import Moonwheel
import SQLiteJobStore
import SystemCalls
import Testing
import WorkerPool

/// Runs a host that has a store in a file and hardly anything to do, and records what it does.
struct QuietHost {
  /// How long a host runs, in seconds.
  static let duration = 5.5

  /// The action of the test as soon as the log has the line "acts".
  enum Action: Sendable {
    case write(String, String)
    case stop
  }

  /// A start takes some processor time. Only two hosts start at once, so that the machine stays quiet.
  private static let starts = Gate(2)

  private(set) var log = QuietLog()
  /// How many attempts of the job had ended according to the store, at each wall time at which the test read it.
  private(set) var samples: [(time: Double, ended: Int)] = []
  /// The wall time of the action.
  private(set) var actedAt: Double?
  /// The wall time at which the process had ended.
  private(set) var endedAt = 0.0

  /// Runs a host to its end in the calling thread. Reads its store while that has fewer ended attempts than the log.
  init(_ scripts: [String: String], flags: [String] = [], _ action: Action? = nil) throws {
    let folder = try ScriptFolder(scripts)
    let process = try Self.starts.withSlot {
      let process = try MoonwheelProcess(
        ["run", folder.path, "--for", "\(Self.duration)s", "--log", "json"] + flags)
      try process.line("loaded")
      return process
    }
    let store = SQLiteJobStore(path: "\(folder.path)/.moonwheel/store.db", mode: .readOnly)
    defer { store.close() }
    while true {
      let isBehind = (samples.last?.ended ?? 0) < log.ends.count
      let goesOn = process.readMore(
        until: Clocks.monotonic() + (isBehind ? 10_000_000 : MoonwheelProcess.timeout))
      try log.read(process.text(.log))
      guard goesOn || process.isOpen else { break }
      if let action, actedAt == nil, log.first(.printed("acts")) != nil {
        actedAt = wallTime()
        switch action {
        case .write(let name, let text): try folder.write(name, text)
        case .stop: process.signal(SIGTERM)
        }
      }
      guard (samples.last?.ended ?? 0) < log.ends.count else { continue }
      let time = wallTime()
      let ended = try store.runs(RunQuery(name: "j")).filter { $0.status != .running }.count
      samples.append((time, ended))
    }
    endedAt = wallTime()
    let code = try process.exit()
    try #require(code == 0, "\(process.text(.log))")
  }

  /// The wall time of the last sample with fewer ended attempts than `count`. The outer nil means that the store never
  /// had so many, the inner one that the first sample had them.
  func lastWithout(_ count: Int) -> Double?? {
    guard let index = samples.firstIndex(where: { $0.ended >= count }) else { return nil }
    return .some(samples[..<index].last?.time)
  }
}

/// A semaphore: it lets a fixed number of threads in at once.
final class Gate: Sendable {
  private let free: Condition<Int>

  init(_ slots: Int) { free = Condition(slots) }

  func withSlot<R>(_ body: () throws -> R) rethrows -> R {
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
  /// The last line of each attempt of the job.
  var ends: [(index: Int, line: Line, attempt: Int)] {
    lines.enumerated().compactMap { index, line in
      guard line.event == nil, line.message.hasPrefix("end "),
        let attempt = Int(line.message.dropFirst(4))
      else { return nil }
      return (index, line, attempt)
    }
  }
}
