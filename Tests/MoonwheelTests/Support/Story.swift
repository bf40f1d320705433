import Testing

/// A script, how many seconds it runs, and the lines that it prints, on every clock.
///
/// The script can use `start`, the seconds since 1970 at which its time begins; `say`, which prints with the seconds
/// since then; and `second(run)`, the whole second since then at which a run was due. Its first line is line 2.
struct Story: Sendable {
  let title: String
  let seconds: Double
  let script: String
  let said: [String]
  /// Clocks on which it cannot run, with the reasons.
  private(set) var exceptions: [StoryClock: String] = [:]
  /// Clocks on which it prints something else, by a fault of the product.
  private(set) var faults: [StoryClock: String] = [:]

  init(_ title: String, _ seconds: Double, _ script: String, _ said: String...) {
    self.init(title, seconds, script, said: said)
  }

  init(_ title: String, _ seconds: Double, _ script: String, said: [String]) {
    self.title = title
    self.seconds = seconds
    self.script = script
    self.said = said
  }

  func except(on clock: StoryClock, _ reason: String) -> Story {
    var story = self
    story.exceptions[clock] = reason
    return story
  }

  func differs(on clock: StoryClock, _ fault: String) -> Story {
    var story = self
    story.faults[clock] = fault
    return story
  }

  var clocks: [StoryClock] {
    StoryClock.allCases.filter { exceptions[$0] == nil && seconds <= $0.longest }
  }

  /// Comes before the script. `say` marks its lines, since the machine may be late.
  static func prelude(at start: Double) -> String {
    let start = start == start.rounded() ? "\(Int(start))" : "\(start)"
    return
      "local start = \(start) local function say(...) print(('@%g'):format(math.floor((now() - start) * 1000 + 0.5) / 1000), ...) end local function second(run) return math.tointeger(math.floor(run.scheduled_at - start + 0.5)) end\n"
  }
}

/// A story on one of its clocks.
struct StoryRun: CustomTestStringConvertible, Sendable {
  let story: Story
  let clock: StoryClock

  var testDescription: String { "\(story.title), on \(clock.testDescription)" }

  /// Seconds by which a line may come late on the machine's clock, where other tests take its time.
  private static let lateness = 10.0

  func check(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let heard = try await clock.said(
      by: story.script, in: story.seconds, count: story.said.count)
    let lines = heard.enumerated().map { number, line in
      let line = line.replacing("\t", with: " ")
      guard line.hasPrefix("@") else { return line }
      return number < story.said.count ? onTime(line.dropFirst(), story.said[number]) : line
    }
    if let fault = story.faults[clock] {
      withKnownIssue("\(fault)") { #expect(lines == story.said) }
    } else {
      #expect(lines == story.said, sourceLocation: sourceLocation)
    }
  }

  /// What `say` has printed; on the machine's clock with the time that is expected, if it is not early and not too late.
  private func onTime(_ line: Substring, _ expected: String) -> String {
    guard clock == .machine, let (time, text) = Self.split(line),
      let (due, expectedText) = Self.split(expected[...]), text == expectedText,
      (due - 0.001...due + Self.lateness).contains(time)
    else { return String(line) }
    return expected
  }

  private static func split(_ line: Substring) -> (time: Double, text: Substring)? {
    let end = line.firstIndex(of: " ") ?? line.endIndex
    return Double(line[..<end]).map { ($0, line[end...]) }
  }
}

extension [Story] {
  /// Each story on each of its clocks.
  var onEachClock: [StoryRun] {
    flatMap { story in story.clocks.map { StoryRun(story: story, clock: $0) } }
  }
}
