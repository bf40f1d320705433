import Layers
import Moonwheel
import MoonwheelSimulation
import MoonwheelTesting
import TestSupport
import Testing

/// The clock by which a test runs scripts. Whatever the clock is, the scripts run on the same core and the same isolates.
enum StoryClock: String, CaseIterable, CustomTestStringConvertible, Sendable {
  /// That of a ``Simulation``: it jumps, on one thread.
  case virtual
  /// That of a ``TestScheduler``: the test moves it, and workers run the scripts.
  case manual
  /// That of the machine, as users have it.
  case machine

  var testDescription: String { "the \(rawValue) clock" }

  /// The most seconds that a test may take on this clock.
  var longest: Double { self == .machine ? 2 : .infinity }

  /// Loads scripts, which are given as texts by name, and begins. `start` is where the time of the virtual
  /// or manual clock begins.
  func start(
    _ scripts: KeyValuePairs<String, String>, _ configuration: Configuration = Configuration(),
    from start: Timestamp? = nil, recorder: JobEventRecorder? = nil
  ) throws -> any StoryHost {
    let start = start ?? Timestamp(seconds: Int64(MoonwheelTests.start))
    return switch self {
    case .virtual: try VirtualHost(scripts, configuration, from: start, recorder)
    case .manual: try ManualHost(scripts, configuration, from: start, recorder)
    case .machine: try MachineHost(scripts, configuration, recorder)
    }
  }

  /// The lines that a script prints within a number of seconds. `count` is how many should come: the machine may be late
  /// with them.
  func said(
    by script: String, in seconds: Double, _ configuration: Configuration = Configuration(),
    recorder: JobEventRecorder? = nil, count: Int = 0
  ) async throws -> [String] {
    let host = try start(
      ["a.lua": Story.prelude(at: instant) + script], configuration, recorder: recorder)
    defer { host.stop() }
    let tell = { @Sendable in
      try host.advance(by: seconds)
      host.awaitLines(count)
      return host.said
    }
    // In a thread of its own: this test must not hold up others, and they must not hold up it.
    return self == .machine ? try await inThread(tell) : try tell()
  }

  /// Where time begins if a test starts now, in seconds since 1970.
  private var instant: Double {
    guard self == .machine else { return Double(MoonwheelTests.start) }
    return Double(SystemClock().read().wall.nanoseconds) / 1e9
  }
}

/// Scripts that run by one of the clocks.
protocol StoryHost: Sendable {
  /// The messages that scripts have printed and logged.
  var said: [String] { get }
  /// Those of them that are warnings.
  var warnings: [String] { get }
  /// Lets this many seconds pass, and does what is due in them.
  func advance(by seconds: Double) throws
  /// Returns when scripts have printed this many lines, if they do so soon.
  func awaitLines(_ count: Int)
  func emit(_ event: String) throws
  func stop()
}

/// 2026-01-01 00:00:00 UTC, where ``TestScheduler`` and ``Simulation`` start, in seconds since 1970.
let start = 1_767_225_600
