/// Moonwheel's side of each measurement, through the public library: one round, in a process of its own.
enum Ours {
  /// Runs the measurement of that name with these sizes.
  static func measure(_ name: String, _ sizes: [Int]) async throws -> Figures {
    switch name {
    case "max": try await ahead(jobs: sizes[0], fires: sizes[1], body: count)
    case "park": try await ahead(jobs: sizes[0], fires: sizes[1], body: pause)
    case "burst": try await burst(jobs: sizes[0])
    case "second": try await second(jobs: sizes[0], tick: sizes[1], seconds: sizes[2])
    case "event": try await event(chains: sizes[0], rounds: sizes[1])
    case "busy":
      try await busy(
        beside: Neighbour(rawValue: sizes[0]) ?? .computes, seconds: sizes[1])
    case "register": try register(jobs: sizes[0])
    case "reload": try await reload(jobs: sizes[0])
    case "wheel": wheel(timers: sizes[0], operations: sizes[1])
    default: preconditionFailure("there is no measurement \"\(name)\"")
    }
  }
}
