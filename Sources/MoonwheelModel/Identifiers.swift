/// Identifies a script while the host lives. The engine knows its name.
public struct ScriptID: Sendable, Hashable, Comparable {
  public var rawValue: Int32
  public init(rawValue: Int32) { self.rawValue = rawValue }
  public static func < (a: ScriptID, b: ScriptID) -> Bool { a.rawValue < b.rawValue }
}

/// Identifies the jobs of one successful load of one script. No id is used twice.
public struct GenerationID: Sendable, Hashable {
  public var rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// Identifies a job in the core. The id survives reloads that keep the job's name, and is stale once the job is
/// removed.
public struct JobID: Sendable, Hashable {
  public internal(set) var index: UInt32
  public internal(set) var reuse: UInt32

  package init(index: UInt32, reuse: UInt32) {
    self.index = index
    self.reuse = reuse
  }

  /// A shorter key for a place without room for the whole id. Two jobs hardly ever share one; 0 is ``none``.
  public var cancellationKey: UInt32 { (index ^ reuse << 20) &+ 1 }

  /// No job.
  public static let none = JobID(index: .max, reuse: .max)
}

/// Identifies one wait of one coroutine. `serial` tells it from the coroutine's earlier waits.
public struct ParkID: Sendable, Hashable {
  public var generation: GenerationID
  public var coroutine: UInt32
  public var serial: UInt64

  public init(generation: GenerationID, coroutine: UInt32, serial: UInt64) {
    self.generation = generation
    self.coroutine = coroutine
    self.serial = serial
  }

  /// One step is enough, since the serials of a generation are all different.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(UInt64(generation.rawValue) << 32 ^ serial)
  }
}

/// A coroutine that waits until an elapsed time, in nanoseconds.
public struct TimedPark: Sendable {
  public var park: ParkID
  public var until: Int64

  public init(_ park: ParkID, until: Int64) {
    self.park = park
    self.until = until
  }
}
