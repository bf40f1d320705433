/// A script by its number; the engine knows the name. Stable while the host lives.
public struct ScriptID: Sendable, Hashable, Comparable {
  public var rawValue: Int32
  public init(rawValue: Int32) { self.rawValue = rawValue }
  public static func < (a: ScriptID, b: ScriptID) -> Bool { a.rawValue < b.rawValue }
}

/// The jobs of one successful load of one script. Never used twice.
public struct GenerationID: Sendable, Hashable {
  public var rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// A job in the core. Survives reloads that keep its name; stale once the job is removed.
public struct JobID: Sendable, Hashable {
  public internal(set) var index: UInt32
  public internal(set) var reuse: UInt32

  package init(index: UInt32, reuse: UInt32) {
    self.index = index
    self.reuse = reuse
  }

  /// Two jobs have the same one hardly ever; 0 is ``none``. For who has no room for more.
  public var cancellationKey: UInt32 { (index ^ reuse << 20) &+ 1 }

  /// No job.
  public static let none = JobID(index: .max, reuse: .max)
}

/// A coroutine that waits, as the core names it: where it is, and which of its waits.
public struct ParkID: Sendable, Hashable {
  public var generation: GenerationID
  public var coroutine: UInt32
  public var serial: UInt64

  public init(generation: GenerationID, coroutine: UInt32, serial: UInt64) {
    self.generation = generation
    self.coroutine = coroutine
    self.serial = serial
  }

  /// One step: the serials of a generation are all different.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(UInt64(generation.rawValue) << 32 ^ serial)
  }
}

/// A coroutine that waits until an elapsed time.
public struct TimedPark: Sendable {
  public var park: ParkID
  public var until: Int64

  public init(_ park: ParkID, until: Int64) {
    self.park = park
    self.until = until
  }
}
