import Triggers

/// One execution of a job's callback.
public struct Run: Sendable, Hashable {
  /// Unique on this host. Ids, and their texts of 13 characters, sort by creation.
  public struct ID: Sendable, Hashable, Comparable, CustomStringConvertible {
    public var rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    public static func < (a: ID, b: ID) -> Bool { a.rawValue < b.rawValue }

    private static let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// Parses a ``description``; case does not matter.
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
      let digits = (0..<13).reversed()
      return String(
        decoding: digits.map { Self.digits[Int(rawValue >> (5 * UInt64($0)) & 31)] }, as: UTF8.self)
    }
  }

  /// The way in which a run ended.
  public enum Outcome: Sendable, Hashable {
    /// The callback returned this result.
    case succeeded(Value)
    /// The callback returned `cancel`: the run succeeded, and the job ends.
    case cancelledJob
    indirect case failed(RunFailure)
    /// The run was interrupted at its soft limit.
    indirect case timedOut(RunFailure)
    /// The run was interrupted because its job was cancelled, or the host stops.
    indirect case cancelled(RunFailure)
    /// The interrupt did not end the run. The host did not resume it after its hard limit.
    indirect case dropped(RunFailure)
    /// The run did not return from Lua. The host discarded its isolate and made a new one.
    indirect case evicted(RunFailure)
    /// Another run's eviction discarded the isolate of this run.
    indirect case abandoned(RunFailure)
    /// The policy's `when` returned false. The callback was not called.
    case declined
    /// The run would have entered Lua `late` nanoseconds after its instant, which is more than `grace` allows. The
    /// callback was not called.
    case misfired(late: Int64)

    /// Nil for an outcome that is not a failure.
    public var failure: RunFailure? {
      switch self {
      case .succeeded, .cancelledJob, .declined, .misfired: nil
      case .failed(let failure), .timedOut(let failure), .cancelled(let failure),
        .dropped(let failure), .evicted(let failure), .abandoned(let failure):
        failure
      }
    }

    /// The kind of event that reports the outcome.
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

/// The reason why a run failed.
public struct RunFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// The error's text, with `script:line` if Lua raised it.
  public var message: String
  /// The Lua stack at the error; empty if there is none.
  public var traceback: String
  /// The error object, if the script raised a table.
  public var data: Value
  /// For the texts and the data.
  public var hold = MemoryHold.none

  public init(message: String, traceback: String = "", data: Value = .nil) {
    self.message = message
    self.traceback = traceback
    self.data = data
  }

  public var description: String { message }
}
