import Synchronization
import Testing
import WorkerPool

/// The built program on the real clock, with its store in a file, where only one thing happens. Its effects must not
/// wait for something else, such as the next fire. In other tests something always happens soon, which hides a missing
/// wake-up; and in a simulation, time stands still until everything is done.
@Suite struct QuietHostTests {
  /// The effects of a run begin within this many seconds after its end.
  private static let effectBound = 0.05
  /// A run is in the file within this many seconds after its end.
  private static let storeBound = 0.15

  @Test(arguments: QuietCase.all)
  func `the end of a run has its effects at once, and is soon stored`(_ quiet: QuietCase) throws {
    let hosts = try QuietHosts.shared.get()
    let host = try hosts.of(quiet).get()
    let ends = host.log.ends
    #expect(ends.count >= quiet.ends, "it has too few runs")
    #expect(host.log.first(.event("run.skipped")) == nil, "a fire was skipped")
    for (number, end) in ends.prefix(quiet.ends).enumerated() {
      let time = try end.line.time
      for effect in quiet.effects(ofAttempt: end.attempt) {
        // Another thread may log the effect before the end is logged.
        let index = host.log.first(
          effect.line, of: end.line.run(for: effect.line), from: end.index - 2)
        let came = try index.map { try host.log.lines[$0].time }
        hosts.expect(
          "\(effect.line)", from: time, to: came, after: effect.after, within: Self.effectBound)
      }
      let stored = host.lastWithout(number + 1)
      hosts.expect(
        "the record", from: time, to: stored.map { $0 ?? time }, within: Self.storeBound)
    }
  }

  @Test(arguments: QuietStory.all)
  func `nothing waits for something else to happen`(_ story: QuietStory) throws {
    let hosts = try QuietHosts.shared.get()
    let host = try hosts.of(story).get()
    let cause = try host.log.first(story.cause).map { try host.log.lines[$0].time }
    let from = try #require(cause ?? host.actedAt, "the cause did not happen")
    let effect = try host.log.first(.printed("effect")).map { try host.log.lines[$0].time }
    let to = story.endsHost ? host.endedAt : effect
    hosts.expect("it", from: from, to: to, after: story.after, within: Self.effectBound)
  }

  @Test func `every pair of values has a case`() {
    let cases = QuietCase.all.map { Set($0.values) }
    for (index, one) in QuietCase.dimensions.enumerated() {
      for other in QuietCase.dimensions[(index + 1)...] {
        for (a, b) in one.flatMap({ a in other.map { (a, $0) } }) where QuietCase.canMeet(a, b) {
          #expect(cases.contains { $0.contains(a) && $0.contains(b) }, "\(a) and \(b)")
        }
      }
    }
  }
}

extension QuietLog.Line {
  /// The run that an effect of this line is about; nil if the effect is about the job.
  fileprivate func run(for mark: Mark) -> String? { mark == .event("job.finished") ? nil : run }
}

/// All hosts. They run in parallel, since they do hardly anything.
private final class QuietHosts: Sendable {
  static let shared = Result { try QuietHosts() }

  private let cases: [QuietCase: Result<QuietHost, any Error>]
  private let stories: [String: Result<QuietHost, any Error>]
  private let noise: MachineNoise

  private init() throws {
    let folder = try ScriptFolder()
    let noise = try MachineNoise(file: "\(folder.path)/noise")
    self.noise = noise
    defer { noise.stop() }
    let runs =
      QuietCase.all.map { quiet in
        { @Sendable in
          Result {
            try QuietHost(
              ["a.lua": quiet.script], flags: ["--log-events", "run.**|job.**|script.loaded"])
          }
        }
      }
      + QuietStory.all.map { story in
        { @Sendable in Result { try QuietHost(story.scripts, flags: story.flags, story.action) } }
      }
    let results = Mutex<[Int: Result<QuietHost, any Error>]>([:])
    let threads = try runs.enumerated().map { index, run in
      try OSThread(name: "quiet-\(index)") {
        let result = run()
        results.withLock { $0[index] = result }
      }
    }
    for thread in threads { thread.join() }
    let done = results.withLock { $0 }
    cases = Dictionary(
      uniqueKeysWithValues: QuietCase.all.enumerated().compactMap { index, quiet in
        done[index].map { (quiet, $0) }
      })
    stories = Dictionary(
      uniqueKeysWithValues: QuietStory.all.enumerated().compactMap { index, story in
        done[QuietCase.all.count + index].map { (story.testDescription, $0) }
      })
  }

  func of(_ quiet: QuietCase) throws -> Result<QuietHost, any Error> {
    try #require(cases[quiet])
  }

  func of(_ story: QuietStory) throws -> Result<QuietHost, any Error> {
    try #require(stories[story.testDescription])
  }

  /// The most seconds that the machine's own lateness excuses: less than a missing wake-up costs.
  private static let maxAllowance = 0.7

  /// Checks how late an effect came. Times are seconds since 1970.
  func expect(
    _ what: String, from: Double, to: Double?, after: Double = 0, within bound: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    guard let to else {
      Issue.record("\(what) did not come", sourceLocation: sourceLocation)
      return
    }
    let late = to - from - after
    let allowance = min(3 * noise.maxLateness(from: from, to: to), Self.maxAllowance)
    #expect(
      late <= bound + allowance,
      "\(what) came \(Int(late * 1e3)) ms late; the machine's own lateness allows \(Int(allowance * 1e3))",
      sourceLocation: sourceLocation)
  }
}
