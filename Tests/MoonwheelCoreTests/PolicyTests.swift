import Testing
import Triggers

@testable import MoonwheelCore

/// Each of overlap, catch-up, grace and retry with each: a job every two seconds whose runs take three and a half, the
/// first of which fails; it is paused from 9 s to 16 s.
///
/// A character a half second: `S` starts, `x` is skipped, `m` is missed (as often as it says), `g` is a misfire, `r` is to be
/// tried again.
@Suite struct PolicyTests {
  struct Case: CustomTestStringConvertible {
    var overlap: Overlap
    var catchup: Catchup
    var grace: Int64?
    var retry: Int
    var timeline: String

    var testDescription: String {
      "\(overlap), \(catchup), grace \(grace.map { "\($0 / second)" } ?? "none"), retry \(retry)"
    }
  }

  static let cases: [Case] = [
    Case(
      overlap: .skip, catchup: .none, grace: nil, retry: 0,
      timeline: "....S...x...S...x...............(mmmm)...S...x...S...x"),
    Case(
      overlap: .skip, catchup: .none, grace: nil, retry: 1,
      timeline: "....S...x..rS...x..S............(mmmm)...S...x...S...x"),
    Case(
      overlap: .skip, catchup: .none, grace: 2 * second, retry: 0,
      timeline: "....S...x...S...x...............(mmmm)...S...x...S...x"),
    Case(
      overlap: .skip, catchup: .none, grace: 2 * second, retry: 1,
      timeline: "....S...x..rS...x..S............(mmmm)...S...x...S...x"),
    Case(
      overlap: .skip, catchup: .latest, grace: nil, retry: 0,
      timeline: "....S...x...S...x...............(Smmm)...x...S...x...S"),
    Case(
      overlap: .skip, catchup: .latest, grace: nil, retry: 1,
      timeline: "....S...x..rS...x..S............(Smmm)...x...S...x...S"),
    Case(
      overlap: .skip, catchup: .latest, grace: 2 * second, retry: 0,
      timeline: "....S...x...S...x...............(Smmm)...x...S...x...S"),
    Case(
      overlap: .skip, catchup: .latest, grace: 2 * second, retry: 1,
      timeline: "....S...x..rS...x..S............(Smmm)...x...S...x...S"),
    Case(
      overlap: .skip, catchup: .all, grace: nil, retry: 0,
      timeline: "....S...x...S...x...............S...x..Sx...x.S.x"),
    Case(
      overlap: .skip, catchup: .all, grace: nil, retry: 1,
      timeline: "....S...x..rS...x..S............S...x..Sx...x.S.x"),
    Case(
      overlap: .skip, catchup: .all, grace: 2 * second, retry: 0,
      timeline: "....S...x...S...x...............(ggS)...x..gS...x...S"),
    Case(
      overlap: .skip, catchup: .all, grace: 2 * second, retry: 1,
      timeline: "....S...x..rS...x..S............(ggS)...x..gS...x...S"),
    Case(
      overlap: .queue, catchup: .none, grace: nil, retry: 0,
      timeline: "....S......S....x...............(Smmmm)......S....x.S.."),
    Case(
      overlap: .queue, catchup: .none, grace: nil, retry: 1,
      timeline: "....S......(rS)....x.S.............(Smmmm)......S....x.S.."),
    Case(
      overlap: .queue, catchup: .none, grace: 2 * second, retry: 0,
      timeline: "....S......S....x...............(gmmmm)...S......S....x"),
    Case(
      overlap: .queue, catchup: .none, grace: 2 * second, retry: 1,
      timeline: "....S......(rS)....x.S.............(gmmmm)...S......S....x"),
    Case(
      overlap: .queue, catchup: .latest, grace: nil, retry: 0,
      timeline: "....S......S....x...............(Smmm)...x..S....x.S.."),
    Case(
      overlap: .queue, catchup: .latest, grace: nil, retry: 1,
      timeline: "....S......(rS)....x.S.............(Smmm)...x..S....x.S.."),
    Case(
      overlap: .queue, catchup: .latest, grace: 2 * second, retry: 0,
      timeline: "....S......S....x...............(gSmmm)......S....x.g.S"),
    Case(
      overlap: .queue, catchup: .latest, grace: 2 * second, retry: 1,
      timeline: "....S......(rS)....x.S.............(gSmmm)......S....x.g.S"),
    Case(
      overlap: .queue, catchup: .all, grace: nil, retry: 0,
      timeline: "....S......S....x...............S...x..Sx...x.S.x"),
    Case(
      overlap: .queue, catchup: .all, grace: nil, retry: 1,
      timeline: "....S......(rS)....x.S.............S...x..Sx...x.S.x"),
    Case(
      overlap: .queue, catchup: .all, grace: 2 * second, retry: 0,
      timeline: "....S......S....x...............(gggS)...x..gS......S."),
    Case(
      overlap: .queue, catchup: .all, grace: 2 * second, retry: 1,
      timeline: "....S......(rS)....x.S.............(gggS)...x..gS......S."),
    Case(
      overlap: .replace, catchup: .none, grace: nil, retry: 0,
      timeline: "....S...S...S...S...............(mmmm)...S...S...S...S"),
    Case(
      overlap: .replace, catchup: .none, grace: nil, retry: 1,
      timeline: "....S...S...S...S...............(mmmm)...S...S...S...S"),
    Case(
      overlap: .replace, catchup: .none, grace: 2 * second, retry: 0,
      timeline: "....S...S...S...S...............(mmmm)...S...S...S...S"),
    Case(
      overlap: .replace, catchup: .none, grace: 2 * second, retry: 1,
      timeline: "....S...S...S...S...............(mmmm)...S...S...S...S"),
    Case(
      overlap: .replace, catchup: .latest, grace: nil, retry: 0,
      timeline: "....S...S...S...S...............(Smmm)...S...S...S...S"),
    Case(
      overlap: .replace, catchup: .latest, grace: nil, retry: 1,
      timeline: "....S...S...S...S...............(Smmm)...S...S...S...S"),
    Case(
      overlap: .replace, catchup: .latest, grace: 2 * second, retry: 0,
      timeline: "....S...S...S...S...............(Smmm)...S...S...S...S"),
    Case(
      overlap: .replace, catchup: .latest, grace: 2 * second, retry: 1,
      timeline: "....S...S...S...S...............(Smmm)...S...S...S...S"),
    Case(
      overlap: .replace, catchup: .all, grace: nil, retry: 0,
      timeline: "....S...S...S...S...............S......Sx...x.S.x"),
    Case(
      overlap: .replace, catchup: .all, grace: nil, retry: 1,
      timeline: "....S...S...S...S...............S......Sx...x.S.x"),
    Case(
      overlap: .replace, catchup: .all, grace: 2 * second, retry: 0,
      timeline: "....S...S...S...S...............(ggS)......(gS)S...S...S"),
    Case(
      overlap: .replace, catchup: .all, grace: 2 * second, retry: 1,
      timeline: "....S...S...S...S...............(ggS)......(gS)S...S...S"),
    Case(
      overlap: .allow, catchup: .none, grace: nil, retry: 0,
      timeline: "....S...S...S...S...............(mmmm)...S...S...S...S"),
    Case(
      overlap: .allow, catchup: .none, grace: nil, retry: 1,
      timeline: "....S...S..rS..Sx...............(mmmm)...S...S...S...S"),
    Case(
      overlap: .allow, catchup: .none, grace: 2 * second, retry: 0,
      timeline: "....S...S...S...S...............(mmmm)...S...S...S...S"),
    Case(
      overlap: .allow, catchup: .none, grace: 2 * second, retry: 1,
      timeline: "....S...S..rS..Sx...............(mmmm)...S...S...S...S"),
    Case(
      overlap: .allow, catchup: .latest, grace: nil, retry: 0,
      timeline: "....S...S...S...S...............(Smmm)...S...S...S...S"),
    Case(
      overlap: .allow, catchup: .latest, grace: nil, retry: 1,
      timeline: "....S...S..rS..Sx...............(Smmm)...S...S...S...S"),
    Case(
      overlap: .allow, catchup: .latest, grace: 2 * second, retry: 0,
      timeline: "....S...S...S...S...............(Smmm)...S...S...S...S"),
    Case(
      overlap: .allow, catchup: .latest, grace: 2 * second, retry: 1,
      timeline: "....S...S..rS..Sx...............(Smmm)...S...S...S...S"),
    Case(
      overlap: .allow, catchup: .all, grace: nil, retry: 0,
      timeline: "....S...S...S...S...............S...S..Sx...S.S.x"),
    Case(
      overlap: .allow, catchup: .all, grace: nil, retry: 1,
      timeline: "....S...S..rS..Sx...............S...S..Sx...S.S.x"),
    Case(
      overlap: .allow, catchup: .all, grace: 2 * second, retry: 0,
      timeline: "....S...S...S...S...............(ggS)...S..gS...S...S"),
    Case(
      overlap: .allow, catchup: .all, grace: 2 * second, retry: 1,
      timeline: "....S...S..rS..Sx...............(ggS)...S..gS...S...S"),
  ]

  static let end: Int64 = 24 * second

  @Test(arguments: cases)
  func `a timeline`(of policy: Case) {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    let retry = policy.retry == 0 ? nil : RetryPolicy(max: policy.retry, from: second, jitter: 0)
    harness.install([
      .every(
        "a", 2 * second,
        JobPolicy(
          overlap: policy.overlap, maxInstances: 2, grace: policy.grace, catchup: policy.catchup,
          retry: retry))
    ])
    var ends: [Run.ID: Int64] = [:]
    for step in 0...(Self.end / (second / 2)) {
      let now = step * second / 2
      harness.run(until: now)
      if now == 9 * second { harness.command("a", .pause(reason: "for a test")) }
      if now == 16 * second { harness.command("a", .resume) }
      for cancelled in harness.cancels { if cancelled.except == nil { cancel(harness) } }
      harness.cancels = []
      for (place, run) in harness.active.enumerated().reversed()
      where run.startedAt + 7 * second / 2 <= now && ends[run.dispatch.run] != run.startedAt {
        ends[run.dispatch.run] = run.startedAt
        let fails = run.dispatch.number == 1
        harness.finish(at: place, fails ? .failed(RunFailure(message: "down")) : .succeeded(.nil))
      }
    }
    #expect(Self.timeline(harness) == policy.timeline)
  }

  /// A run that is to be replaced ends at once.
  private func cancel(_ harness: CoreHarness) {
    guard !harness.active.isEmpty else { return }
    harness.finish(at: 0, .cancelled(RunFailure(message: "replaced")))
  }

  static func timeline(_ harness: CoreHarness) -> String {
    (0...(end / (second / 2))).map { slot in
      let marks = harness.events.compactMap { at, event -> String? in
        guard at / (second / 2) == slot else { return nil }
        return switch event.kind {
        case .runStarted: "S"
        case .runSkipped: "x"
        case .runRetrying: "r"
        case .runMissed:
          event.reason?.contains("grace") == true
            ? "g" : String(repeating: "m", count: Int(event.count))
        default: nil
        }
      }.joined()
      return marks.isEmpty ? "." : marks.count == 1 ? marks : "(\(marks))"
    }.joined()
  }
}
