import Triggers

/// One execution of a job's callback.
public struct Run: Sendable, Hashable {
  /// Unique on this host, and in order of creation. Its text has 13 characters and sorts likewise.
  public struct ID: Sendable, Hashable, Comparable, CustomStringConvertible {
    public var rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    public static func < (a: ID, b: ID) -> Bool { a.rawValue < b.rawValue }

    private static let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// Reads a ``description``; case does not matter.
    public init?(_ text: String) {
      var value: UInt64 = 0
      guard text.utf8.count == 13 else { return nil }
      for character in text.uppercased().utf8 {
        guard let digit = Self.digits.firstIndex(of: character), value >> 59 == 0 else {
          return nil
        }
        value = value << 5 | UInt64(digit)
      }
      rawValue = value
    }

    /// Crockford's base 32, most significant digit first.
    public var description: String {
      let places = (0..<13).reversed()
      return String(
        decoding: places.map { Self.digits[Int(rawValue >> (5 * UInt64($0)) & 31)] }, as: UTF8.self)
    }
  }

  /// How a run ended.
  public enum Outcome: Sendable, Hashable {
    /// With the callback's result.
    case succeeded(Value)
    /// With `return cancel`: as success, and the job ends.
    case cancelledJob
    indirect case failed(RunFailure)
    /// Interrupted at its soft limit.
    indirect case timedOut(RunFailure)
    /// Interrupted since its job was cancelled, or the host stops.
    indirect case cancelled(RunFailure)
    /// Not ended by the interrupt, and never resumed after its hard limit.
    indirect case dropped(RunFailure)
    /// Torn out of Lua; its isolate was made anew.
    indirect case evicted(RunFailure)
    /// Lost with its isolate, by the fault of another run.
    indirect case abandoned(RunFailure)
    /// The policy's `when` said no: nothing was run.
    case declined
    /// It would have entered Lua so many nanoseconds after its instant, which `grace` does not allow: nothing was run.
    case misfired(late: Int64)

    /// Nil for those that ended well.
    public var failure: RunFailure? {
      switch self {
      case .succeeded, .cancelledJob, .declined, .misfired: nil
      case .failed(let failure), .timedOut(let failure), .cancelled(let failure),
        .dropped(let failure), .evicted(let failure), .abandoned(let failure):
        failure
      }
    }

    /// Which event tells of it.
    public var event: HostEvent.Kind {
      switch self {
      case .succeeded, .cancelledJob: .runSucceeded
      case .failed: .runFailed
      case .timedOut: .runTimedOut
      case .cancelled: .runCancelled
      case .dropped: .runDropped
      case .evicted: .runEvicted
      case .abandoned: .runAbandoned
      case .declined: .runSkipped
      case .misfired: .runMissed
      }
    }
  }
}

/// Why a run failed.
public struct RunFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// The error's text, with `script:line` where it was raised by Lua.
  public var message: String
  /// The Lua stack where it was raised; empty where there was none.
  public var traceback: String
  /// The error object, where the script raised a table.
  public var data: Value

  public init(message: String, traceback: String = "", data: Value = .nil) {
    self.message = message
    self.traceback = traceback
    self.data = data
  }

  public var description: String { message }
}
