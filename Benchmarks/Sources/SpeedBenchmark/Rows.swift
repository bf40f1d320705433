import BenchmarkSupport

extension Row {
  /// In the order in which they are measured.
  static let all = always + parks + bursts + seconds + events

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
          promise: jobs == 1_000 ? [.atLeast(3_000_000)] : []),
      ])
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
      ], peers: ["burst", "\(jobs)"])
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
      limit: ["second", "\(jobs)", "\(tick)", seconds], ours: ["second", "\(jobs)", seconds],
      columns: [
        Column(
          figure: "cpu_ns", unit: "ns of processor a fire",
          promise: cost.map { [.times($0)] } ?? []),
        Column(figure: "p50_us", unit: "us late, median", promise: cost == nil ? promised : []),
        Column(figure: "p99_us", unit: "us late, 99 %", promise: promised),
        Column(figure: "p999_us", unit: "us late, 99.9 %"),
      ], peers: tick == 100 ? ["second", "\(jobs)", seconds] : nil)
  }

  private static let events = [100, 1].map { chains in
    Row(
      name: "event", work: "an event there and back, five fields; \(chains) at once", limit: nil,
      ours: ["event", "\(chains)", isSmoke ? "1000" : "\(chains == 1 ? 5_000 : 50_000)"],
      columns: [
        Column(
          figure: "cpu_us", unit: "us of processor a round trip",
          promise: chains == 100 ? [.atMost(2)] : []),
        Column(figure: "wall_us", unit: "us"),
      ])
  }
}
