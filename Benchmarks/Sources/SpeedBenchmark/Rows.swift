import BenchmarkSupport

extension Row {
  /// All rows, in the order of measurement.
  static let all =
    always + parks + bursts + programBursts + seconds + events + registrations + neighbours
    + reloads + wheels + starts + idles

  private static let sizes = isSmoke ? [1_000] : [1_000, 10_000, 100_000]
  private static let fires = isSmoke ? "10000" : "2000000"

  private static let always = sizes.map { jobs in
    let promise: [Promise] =
      switch jobs {
      case 1_000: [.times(2)]
      case 100_000: [.times(1.5)]
      default: []
      }
    return Row(
      name: "max", work: "\(grouped(jobs)) jobs, always due",
      limit: ["max", "\(jobs)", fires],
      ours: ["max", "\(jobs)", fires],
      columns: [
        Column(figure: "cpu_ns", unit: "ns of processor a fire", promise: promise),
        Column(
          figure: "per_s", unit: "fires a second",
          promise: jobs == 1_000 ? [.atLeast(3_000_000)] : [], isMoreBetter: true),
      ], peers: jobs == 1_000 ? ["max", "\(jobs)"] : nil, peerRounds: 3)
  }

  private static let parks = sizes.map { jobs in
    let fires = isSmoke ? "5000" : "300000"
    return Row(
      name: "park", work: "\(grouped(jobs)) jobs, each run sleeps once",
      limit: ["park", "\(jobs)", fires], ours: ["park", "\(jobs)", fires],
      columns: [Column(figure: "cpu_ns", unit: "ns of processor a run", promise: [.times(2)])])
  }

  private static let bursts = sizes.map { jobs in
    Row(
      name: "burst", work: "\(grouped(jobs)) one-shots at one instant",
      limit: ["burst", "\(jobs)"], ours: ["burst", "\(jobs)"],
      columns: [
        Column(
          figure: "drain_ms", unit: "ms to the last", promise: jobs == 100_000 ? [.times(2)] : []),
        Column(figure: "cpu_ns", unit: "ns of processor a fire"),
      ], peers: ["burst", "\(jobs)"], peerRounds: 3)
  }

  private static let programBursts = Burst.Work.allCases.flatMap { work in
    Burst.Trigger.allCases.flatMap { trigger in
      (isSmoke ? [100] : sizes).map { programBurst(Burst(work: work, trigger: trigger, jobs: $0)) }
    }
  }

  private static func programBurst(_ burst: Burst) -> Row {
    let (name, jobs) = ("burst-\(burst.work)", burst.jobs)
    let counts = burst.work == .count
    let promise: [Promise] = jobs == 100_000 ? [.times(2.5)] : [.times(3), .below(peer: "luv")]
    return Row(
      name: name,
      work: "\(grouped(jobs)) one-shots by `\(burst.trigger)` \(burst.work.description)",
      method: .burst(burst), limit: ["burst", "\(jobs)"], ours: [name, "\(jobs)"],
      columns: [
        Column(figure: "drain_ms", unit: "ms to the last", promise: counts ? promise : []),
        Column(figure: "cpu_ns", unit: "ns of processor a fire"),
      ], peers: counts ? ["burst", "\(jobs)"] : nil, rounds: 3, peerRounds: 3)
  }

  private static let seconds = [
    second(1_000, tick: 100), second(10_000, tick: 100, lateness: 2),
    second(100_000, tick: 100, cost: 1.5, lateness: 1.5),
    second(100_000, tick: 1_000, cost: 1.5, lateness: 1.5),
  ]

  private static func second(
    _ jobs: Int, tick: Int, cost: Double? = nil, lateness: Double? = nil
  ) -> Row {
    let jobs = isSmoke ? jobs / 100 : jobs
    let seconds = isSmoke ? "1" : "3"
    let promised = lateness.map { [Promise.times($0)] } ?? []
    return Row(
      name: "second",
      work: "\(grouped(jobs)) jobs, each every second; ticks of \(tick) us",
      limit: ["second", "\(jobs)", "\(tick)", seconds],
      ours: ["second", "\(jobs)", "\(tick)", seconds],
      columns: [
        Column(
          figure: "cpu_ns", unit: "ns of processor a fire",
          promise: cost.map { [.times($0)] } ?? []),
        Column(figure: "p50_us", unit: "us late, median", promise: cost == nil ? promised : []),
        Column(figure: "p99_us", unit: "us late, 99 %", promise: promised),
        Column(figure: "p999_us", unit: "us late, 99.9 %"),
      ], peers: tick == 100 ? ["second", "\(jobs)", "\(tick)", seconds] : nil)
  }

  private static let events = [100, 1].map { chains in
    let trips = isSmoke ? "1000" : "\(chains == 1 ? 5_000 : 50_000)"
    return Row(
      name: "event", work: "an event there and back, five fields; \(chains) at once",
      limit: ["event", "\(chains)", trips], ours: ["event", "\(chains)", trips],
      columns: [
        Column(
          figure: "cpu_us", unit: "us of processor a round trip",
          promise: chains == 100 ? [.atMost(2)] : []),
        Column(figure: "wall_us", unit: "us"),
      ])
  }

  private static let registrations = sizes.map { jobs in
    Row(
      name: "register", work: "\(grouped(jobs)) hourly jobs are registered",
      limit: ["register", "\(jobs)"], ours: ["register", "\(jobs)"],
      columns: [
        Column(
          figure: "cpu_us", unit: "us of processor a job",
          promise: jobs == 100_000 ? [.atMost(1)] : []),
        Column(
          figure: "bytes", unit: "bytes a job", promise: jobs == 100_000 ? [.atMost(320)] : []),
      ], peers: ["register", "\(jobs)"], peerRounds: 3)
  }

  private static let neighbours = Ours.Neighbour.allCases.map { neighbour in
    let isFirst = neighbour == .computes
    let seconds = isSmoke ? "1" : "6"
    return Row(
      name: "busy",
      work: [
        .computes: "100 jobs every 100 ms beside a script that computes 1 s of 2 s",
        .endless: "the same beside 4 scripts that never stop, on two workers",
        .stuck: "the same beside 2 that are stuck in C, on two workers",
      ][neighbour] ?? "",
      limit: isFirst ? ["busy", seconds] : nil, ours: ["busy", "\(neighbour.rawValue)", seconds],
      columns: [
        Column(figure: "p50_us", unit: "us late, median"),
        Column(
          figure: "p99_us", unit: "us late, 99 %",
          promise: [.atMost(isFirst ? 2_000 : 10_000)]),
      ], peers: isFirst ? ["busy", seconds] : nil)
  }

  private static let reloads = (isSmoke ? [100] : [1_000, 10_000, 100_000]).map { jobs in
    let promised = jobs == 10_000
    return Row(
      name: "reload", work: "a script of \(grouped(jobs)) jobs is reloaded", limit: nil,
      ours: ["reload", "\(jobs)"],
      columns: [
        Column(
          figure: "cpu_ms", unit: "ms of processor", promise: promised ? [.atMost(100)] : []),
        Column(
          figure: "most_ms", unit: "ms late, a neighbour's latest",
          promise: promised ? [.atMost(10)] : []),
        Column(figure: "calm_most_ms", unit: "ms late, without reload"),
      ])
  }

  private static let wheels = (isSmoke ? [1_000] : [1_000, 100_000, 1_000_000]).map { timers in
    let operations = isSmoke ? "10000" : "1000000"
    return Row(
      name: "wheel", work: "the wheel alone, \(grouped(timers)) timers pending",
      limit: ["wheel", "\(timers)", operations], ours: ["wheel", "\(timers)", operations],
      columns: [
        Column(figure: "insert_cancel_ns", unit: "ns, insert + cancel", promise: [.times(2)]),
        Column(figure: "reschedule_ns", unit: "ns, reschedule", promise: [.times(2)]),
        Column(figure: "rearm_ns", unit: "ns, fire and re-arm", promise: [.times(2)]),
      ])
  }

  private static let starts = ["memory", "sqlite"].map { store in
    Row(
      name: "start", work: "from the start of the process to the first fire, store: \(store)",
      method: .start, limit: ["start"], ours: [store],
      columns: [
        Column(
          figure: "start_ms", unit: "ms", promise: [.atMost(store == "memory" ? 8 : 25)])
      ], peers: store == "memory" ? ["start"] : nil, peerRounds: 3)
  }

  private static let idles = ["memory", "sqlite"].map { store in
    Row(
      name: "idle", work: "100 hourly jobs, idle, store: \(store)", method: .idle,
      limit: ["idle"], ours: [store],
      columns: [
        Column(figure: "wakes", unit: "wake-ups a second", promise: [.atMost(0.2)]),
        Column(
          figure: "mb", unit: "MB resident", promise: [.atMost(store == "memory" ? 10 : 25)]),
      ], peers: store == "memory" ? ["idle"] : nil, rounds: 3)
  }
}
