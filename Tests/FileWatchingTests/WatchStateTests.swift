import Testing

@testable import FileWatching
@testable import SystemCalls

private let ms: Int64 = 1_000_000

private func version(_ content: Int64, inode: UInt64 = 1) -> FileVersion {
  FileVersion(
    identity: FileIdentity(device: 1, inode: inode), size: 10, modified: content, changed: content)
}

/// Plays events of one file, `a.lua`, that is known with content 1, and records each report with its millisecond.
private struct Stage {
  enum Act {
    /// The file gets this version, and an event comes.
    case event(Int64, FileVersion?)
    /// A program creates the file and does not close it.
    case created(Int64, FileVersion)
    /// The file gets this version, and no event comes.
    case silent(Int64, FileVersion?)
  }

  static func play(_ acts: [Act], until end: Int64 = 5_000) -> [String] {
    var state = WatchState()
    state.setKnown("a.lua", version(1))
    var file: FileVersion? = version(1)
    var reports: [String] = []
    var acts = acts[...]
    for time in 0...end {
      while let act = acts.first {
        switch act {
        case .event(time, let new):
          file = new
          state.touch("a.lua", new, at: time * ms)
        case .created(time, let new):
          file = new
          state.touch("a.lua", new, isUnfinished: true, at: time * ms)
        case .silent(time, let new): file = new
        case .event, .created, .silent: break
        }
        guard act.time == time else { break }
        acts.removeFirst()
      }
      guard let due = state.nextDue, due <= time * ms else { continue }
      for path in state.due(at: time * ms) {
        switch state.check(path, file, at: time * ms) {
        case .changed: reports.append("\(time) changed")
        case .gone: reports.append("\(time) gone")
        case nil: break
        }
      }
    }
    return reports
  }
}

extension Stage.Act {
  var time: Int64 {
    switch self {
    case .event(let time, _), .created(let time, _), .silent(let time, _): time
    }
  }
}

@Suite struct WatchStateTests {
  @Test func `a written file is reported when it has been quiet for 50 ms`() {
    #expect(Stage.play([.event(100, version(2))]) == ["150 changed"])
  }

  @Test func `a file that is written several times is reported once, after the last`() {
    #expect(
      Stage.play([.event(100, version(2)), .event(140, version(3)), .event(180, version(4))])
        == ["230 changed"])
  }

  @Test func `an event without a new version is no change`() {
    #expect(Stage.play([.event(100, version(1))]) == [])
  }

  @Test func `a second check that sees another version waits again`() {
    #expect(Stage.play([.event(100, version(2)), .silent(120, version(3))]) == ["200 changed"])
  }

  @Test func `a file moved away and another moved into place are one change`() {
    #expect(
      Stage.play([.event(100, nil), .event(101, version(2, inode: 2))]) == ["151 changed"])
  }

  @Test func `a file is gone after 500 ms, and not before`() {
    #expect(Stage.play([.event(100, nil)]) == ["600 gone"])
    #expect(Stage.play([.event(100, nil), .event(599, version(2))]) == ["649 changed"])
    #expect(Stage.play([.event(100, nil), .event(599, version(1))]) == [])
  }

  @Test func `more events about a missing file do not delay its report`() {
    #expect(
      Stage.play([.event(100, nil), .event(400, nil), .event(590, nil)]) == ["600 gone"])
  }

  @Test func `a missing file that exists at the second check is not gone`() {
    #expect(Stage.play([.event(100, nil), .silent(300, version(2))]) == ["650 changed"])
  }

  @Test
  func `a created file is reported 50 ms after it was closed, or 500 ms after its last change`() {
    let new = version(2, inode: 2)
    #expect(Stage.play([.created(100, new), .event(400, version(3))]) == ["450 changed"])
    #expect(Stage.play([.created(100, new)]) == ["600 changed"])
    #expect(Stage.play([.created(100, new), .silent(300, version(3))]) == ["1100 changed"])
    #expect(Stage.play([.event(100, nil), .created(400, new)]) == ["900 changed"])
  }

  @Test func `a file that was gone and comes back unchanged is a change`() {
    #expect(
      Stage.play([.event(100, nil), .event(1_000, version(1))]) == ["600 gone", "1050 changed"])
  }

  @Test func `a file that was never known may come and go without a report`() {
    var state = WatchState()
    state.touch("new.lua", version(1), at: 0)
    state.touch("new.lua", nil, at: 10 * ms)
    #expect(state.nextDue == nil)
    state.touch("other.lua", nil, at: 0)
    #expect(state.nextDue == nil)
  }

  @Test func `each file has its own wait, and files are checked in order`() {
    var state = WatchState()
    state.touch("b", version(1), at: 0)
    state.touch("a", version(1), at: 0)
    state.touch("c", version(1), at: 1)
    #expect(state.nextDue == 50 * ms)
    #expect(state.due(at: 50 * ms - 1) == [])
    #expect(state.due(at: 50 * ms) == ["a", "b"])
    #expect(state.due(at: 50 * ms + 1) == ["a", "b", "c"])
  }

  @Test func `a forgotten file is not reported`() {
    var state = WatchState()
    state.setKnown("a", version(1))
    state.touch("a", nil, at: 0)
    state.forget("a")
    #expect(state.nextDue == nil)
    #expect(!state.knows("a"))
  }

  @Test(
    arguments: [
      (nil, version(1), false, "changed"), (version(1), nil, false, "gone"),
      (version(1), version(1), true, ""), (version(1), version(1, inode: 2), false, "changed"),
      (version(1), version(2), false, ""), (version(1), version(2), true, "changed"),
      (nil, nil, true, ""),
    ] as [(FileVersion?, FileVersion?, Bool, String)])
  func `a scan finds files that came, went or were replaced, and after lost events rewritten ones`(
    before: FileVersion?, after: FileVersion?, eventsWereLost: Bool, report: String
  ) {
    var state = WatchState()
    if let before { state.setKnown("a", before) }
    state.reconcile(
      with: after.map { ["a": $0] } ?? [:], eventsWereLost: eventsWereLost, at: 0)
    let change = state.nextDue.flatMap { state.check("a", after, at: $0) }
    let expected: WatchedChange? =
      report.isEmpty ? nil : report == "gone" ? .gone(path: "a") : .changed(path: "a")
    #expect(change == expected)
  }

  @Test func `a scan does not restart a wait`() {
    var state = WatchState()
    state.setKnown("a", version(1))
    state.setKnown("b", version(1))
    state.touch("a", version(2), at: 0)
    state.touch("b", nil, at: 0)
    state.reconcile(with: ["a": version(2)], eventsWereLost: true, at: 30 * ms)
    #expect(state.due(at: 50 * ms) == ["a"])
    #expect(state.due(at: 500 * ms) == ["a", "b"])
  }
}
