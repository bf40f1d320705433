import Synchronization
import Testing
import WorkerPool

/// The built program on the real clock, with its store in a file and nothing to do but one thing: what follows from that is
/// not to wait for something else, such as the next fire. Elsewhere something always happens that hides a wake-up that is
/// missing; in a simulation, time stands still until all is done.
@Suite struct QuietHostTests {
  /// Seconds after its end in which a run is told, and what follows from it begins.
  private static let told = 0.05
  /// Seconds after its end in which a run is in the file.
  private static let stored = 0.15

  @Test(arguments: QuietCase.all)
  func `the end of a run is acted on at once, and soon stored`(_ quiet: QuietCase) throws {
    let hosts = try QuietHosts.shared.get()
    let host = try hosts.of(quiet).get()
    let ends = host.log.ends
    #expect(ends.count >= quiet.ends, "it ran too seldom")
    #expect(host.log.first(.event("run.skipped")) == nil, "a fire was skipped")
    for (number, end) in ends.prefix(quiet.ends).enumerated() {
      let time = try end.line.time
      for effect in quiet.effects(ofAttempt: end.attempt) {
        // A thread may tell before this one has.
        let place = host.log.first(effect.line, of: end.line.isOf(effect.line), from: end.place - 2)
        let came = try place.map { try host.log.lines[$0].time }
        hosts.expect("\(effect.line)", from: time, to: came, after: effect.after, within: Self.told)
      }
      let seen = host.lastWithout(number + 1)
      hosts.expect(
        "the record", from: time, to: seen.map { $0 ?? time }, within: Self.stored)
    }
  }

  @Test(arguments: QuietStory.all)
  func `nothing waits for something else to happen`(_ story: QuietStory) throws {
    let hosts = try QuietHosts.shared.get()
    let host = try hosts.of(story).get()
    let cause = try host.log.first(story.cause).map { try host.log.lines[$0].time }
    let from = try #require(cause ?? host.didAt, "it did not begin")
    let effect = try host.log.first(.printed("effect")).map { try host.log.lines[$0].time }
    let to = story.endsHost ? host.endedAt : effect
    hosts.expect("it", from: from, to: to, after: story.after, within: Self.told)
  }

  @Test func `every pair of what differs between jobs has a case`() {
    let cases = QuietCase.all.map { Set($0.values) }
    for (place, one) in QuietCase.dimensions.enumerated() {
      for other in QuietCase.dimensions[(place + 1)...] {
        for (a, b) in one.flatMap({ a in other.map { (a, $0) } }) where QuietCase.canMeet(a, b) {
          #expect(cases.contains { $0.contains(a) && $0.contains(b) }, "\(a) and \(b)")
        }
      }
    }
  }
}

extension QuietLog.Line {
  /// The run of which a line that follows from this one tells; nil where it is about the job.
  fileprivate func isOf(_ mark: Mark) -> String? { mark == .event("job.finished") ? nil : run }
}

/// All hosts, beside each other: they do hardly anything.
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
        { @Sendable in Result { try QuietHost(story.scripts, flags: story.flags, story.deed) } }
      }
    let results = Mutex<[Int: Result<QuietHost, any Error>]>([:])
    let threads = try runs.enumerated().map { place, run in
      try OSThread(name: "quiet-\(place)") {
        let result = run()
        results.withLock { $0[place] = result }
      }
    }
    for thread in threads { thread.join() }
    let done = results.withLock { $0 }
    cases = Dictionary(
      uniqueKeysWithValues: QuietCase.all.enumerated().compactMap { place, quiet in
        done[place].map { (quiet, $0) }
      })
    stories = Dictionary(
      uniqueKeysWithValues: QuietStory.all.enumerated().compactMap { place, story in
        done[QuietCase.all.count + place].map { (story.testDescription, $0) }
      })
  }

  func of(_ quiet: QuietCase) throws -> Result<QuietHost, any Error> {
    try #require(cases[quiet])
  }

  func of(_ story: QuietStory) throws -> Result<QuietHost, any Error> {
    try #require(stories[story.testDescription])
  }

  /// The longest that the machine's own lateness excuses, in seconds: less than what a wake-up that is missing costs.
  private static let longestExcuse = 0.7

  /// Checks how late something came; times are seconds since 1970.
  func expect(
    _ what: String, from: Double, to: Double?, after: Double = 0, within bound: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    guard let to else {
      Issue.record("\(what) did not come", sourceLocation: sourceLocation)
      return
    }
    let late = to - from - after
    let excuse = min(3 * noise.most(from: from, to: to), Self.longestExcuse)
    #expect(
      late <= bound + excuse,
      "\(what) came \(Int(late * 1e3)) ms late; the machine excuses \(Int(excuse * 1e3))",
      sourceLocation: sourceLocation)
  }
}
