import MoonwheelModel
import Triggers

/// Random changes and queries. There are so few jobs, runs and instants that changes often touch the same rows.
struct RandomStory {
  private let random: SeededRandom
  /// How many random numbers were used.
  private var count: UInt64 = 0

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  private mutating func next() -> UInt64 {
    defer { count += 1 }
    return random.value(count)
  }

  private mutating func next(below bound: UInt64) -> UInt64 {
    defer { count += 1 }
    return random.value(count, below: bound)
  }

  /// True once in `n` times, on average.
  mutating func chance(_ n: UInt64) -> Bool { next(below: n) == 0 }

  private mutating func pick<Item>(_ items: [Item]) -> Item {
    items[Int(next(below: UInt64(items.count)))]
  }

  private mutating func maybe<Item>(_ n: UInt64, _ make: (inout RandomStory) -> Item) -> Item? {
    chance(n) ? make(&self) : nil
  }

  private mutating func key() -> StoreKey { StoreKey(rawValue: Int64(next(below: 5)) + 1) }
  private mutating func run() -> Run.ID { Run.ID(rawValue: next(below: 60) + 1) }
  mutating func instant() -> Timestamp { second(Int64(next(below: 30))) }
  private mutating func decision() -> Decision.ID {
    Decision.ID(rawValue: Int64(next(below: 25)) + 1)
  }

  /// Every run and every decision belongs to one job.
  private func job(of number: UInt64) -> StoreKey { StoreKey(rawValue: Int64(number % 5) + 1) }

  private mutating func value(depth: Int = 0) -> Value {
    switch next(below: depth > 2 ? 7 : 9) {
    case 0: return chance(2) ? .nil : .null
    case 1: return .bool(chance(2))
    case 2: return .integer(Int64(bitPattern: next()))
    case 3: return .number(Double(next()) / 3)
    case 4: return .string(text())
    case 5: return .bytes((0..<next(below: 20)).map { _ in UInt8(next(below: 256)) })
    case 6: return sampleValue
    case 7: return .list((0..<next(below: 4)).map { _ in value(depth: depth + 1) })
    default:
      let pairs = (0..<next(below: 4)).map { number in
        (Value.integer(Int64(number)), value(depth: depth + 1))
      }
      return .table(Dictionary(uniqueKeysWithValues: pairs))
    }
  }

  private mutating func text() -> String {
    String(
      String.UnicodeScalarView(
        (0..<next(below: 6)).map { _ in pick(["a", "\0", "\n", "é", "☾", "𝄞", "'", "\""]) }))
  }

  // MARK: Changes

  mutating func change() -> StoreChange {
    switch next(below: 24) {
    case 0, 1: return .job(storedJob())
    case 2:
      return .status(
        key(), pick([.active, .paused, .cancelled, .finished]), reason: maybe(2) { $0.text() },
        due: maybe(2) { $0.instant() }, since: instant())
    case 3:
      return .counts(
        key(), runs: Int64(next(below: 9)), fires: Int64(next(below: 9)),
        lastStarted: maybe(2) { $0.instant() }, due: maybe(2) { $0.instant() })
    case 4: return .state(key(), value())
    case 5: return .orphaned(key(), maybe(2) { $0.instant() })
    case 6: return chance(4) ? .forget(key()) : .handled(through: instant())
    case 7, 8, 9: return .pendingRun(pendingRun())
    case 10: return .pendingRunStatus(run(), pick(PendingRun.Status.allCases), crashes: 2)
    case 11: return .pendingRunEnded(run())
    case 12, 13: return .began(record(.running))
    case 14, 15, 16: return .ended(record(pick(RunStatus.allCases.filter { $0 != .running })))
    case 17:
      var summary = sampleSummary(job: 1, from: Int64(next(below: 9)))
      summary.job = key()
      summary.through = instant()
      summary.count = Int64(next(below: 99))
      return .summary(summary)
    case 18:
      let id = decision()
      var decision = sampleDecision(id.rawValue)
      decision.job = job(of: UInt64(id.rawValue))
      decision.kind = pick(Decision.Kind.allCases)
      decision.from = instant()
      decision.through = instant()
      decision.run = maybe(2) { $0.run() }
      return .decision(decision)
    case 19:
      return chance(4)
        ? .forgetSources(except: Set(Self.scripts.filter { _ in chance(2) }))
        : chance(4) ? .forgetSourcesOf(Self.scripts[0]) : .sources(version())
    case 20:
      return chance(2)
        ? .ending(run(), attempt: Int32(next(below: 3)) + 1, maybe(2) { $0.text() })
        : .together((0..<next(below: 4)).map { _ in change() })
    case 21:
      let id = Int64(next(below: 9))
      return chance(2)
        ? .afterRunDone(id)
        : .afterRun(
          AfterRunRequest(
            id: id, script: text(), run: run(), kind: text(), payload: value(), at: instant()))
    default:
      return chance(2)
        ? .decisionGrew(decision(), through: instant(), count: 5) : .seed(next())
    }
  }

  static let scripts = ["a.lua", "b.lua", "é"]

  private mutating func version() -> StoredSources {
    let names = ["m", "n", "o.p"].filter { _ in chance(2) }
    return StoredSources(
      script: pick(Self.scripts), loadedAt: instant(), text: source(),
      modules: names.map { StoredSources.Module(name: $0, chunk: "@\($0)", text: source()) })
  }

  private mutating func source() -> [UInt8] {
    pick([[], [0], Array("x = 1".utf8), [255, 0, 254]])
  }

  private mutating func storedJob() -> StoredJob {
    var job = sampleJob(
      1, pick(["x", "y", "é"]), script: pick(["a.lua", "b.lua"]),
      history: Int(next(below: 6)), failures: Int(next(below: 6)))
    job.key = key()
    job.isNamed = chance(2)
    job.due = maybe(2) { $0.instant() }
    job.since = instant()
    job.timing = maybe(2) { $0.text() }
    job.hasPausedOption = maybe(2) { $0.chance(2) }
    job.from = maybe(2) { $0.instant() }
    job.till = maybe(2) { $0.instant() }
    job.orphanedAt = maybe(4) { $0.instant() }
    if let since = maybe(4, { $0.instant() }) { job.unloadedSince = since }
    return job
  }

  private mutating func pendingRun() -> PendingRun {
    var pending = samplePendingRun(run().rawValue)
    pending.job = job(of: pending.run.rawValue)
    pending.kind = pick(PendingRun.Kind.allCases)
    pending.dueAt = instant()
    pending.isRelative = chance(2)
    pending.by = maybe(2) { $0.text() }
    pending.of = maybe(2) { $0.run() }
    pending.payload = pick([
      .none, .arguments(value()), .event(Event(name: text(), payload: value(), depth: 3)),
      .events([Event(name: text(), payload: value()), Event(name: text())]),
    ])
    return pending
  }

  private mutating func record(_ status: RunStatus) -> RunRecord {
    let run = run().rawValue
    var record = sampleRun(
      run, job: job(of: run).rawValue, attempt: Int32(next(below: 3)) + 1, status,
      at: Int64(next(below: 30)))
    record.result = value()
    record.cause = maybe(2) { story in
      RunCause(
        story.pick(RunCause.Kind.allCases), by: story.maybe(2) { $0.text() },
        of: story.maybe(2) { $0.run() })
    }
    record.cause?.input = pick([
      .none, .arguments(value()), .event(Event(name: text(), payload: value(), depth: 3)),
      .events([Event(name: text(), payload: value())]), .cut(bytes: 70_000),
    ])
    record.version = maybe(2) { SourceVersion(rawValue: $0.next()) }
    if !status.isGood { record.failure = RunFailure(message: text(), data: value()) }
    record.log = (0..<next(below: 3)).map { _ in
      LogLine(at: instant(), level: "info", message: text(), fields: maybe(2) { $0.value() })
    }
    return record
  }

  // MARK: Queries

  mutating func query() -> RunQuery {
    RunQuery(
      job: maybe(3) { $0.key() }, script: maybe(4) { $0.pick(["a.lua", "b.lua"]) },
      name: maybe(4) { $0.pick(["x", "y", "z"]) }, run: maybe(6) { $0.run() },
      statuses: maybe(4) { story in
        Set((0..<story.pick([1, 1, 2, 4])).map { _ in story.pick(RunStatus.allCases) })
      }, since: maybe(3) { $0.instant() }, through: maybe(3) { $0.instant() },
      limit: pick([1, 3, 100]))
  }
}
