import Glibc
import SystemCalls
import TestSupport
import Testing
import WorkerPool

@testable import SystemIO

@Suite struct IOThreadTests {
  /// Texts in the order in which the thread wrote them.
  private final class Notes: Sendable {
    private let notes = Condition([String]())

    func add(_ note: String) {
      notes.withLock { $0.append(note) }
      notes.broadcast()
    }

    func wait(for count: Int) -> [String] {
      notes.wait(until: Clocks.monotonic() + Programs.longest) { $0.count >= count ? $0 : nil }
        ?? notes.withLock { $0 }
    }
  }

  @Test func `work is done in its order, by one thread, from whatever threads it comes`() throws {
    let thread = IOThread()
    let notes = Notes()
    let ids = Condition(Set<Int32>())
    let senders = try (0..<4).map { sender in
      try OSThread(name: "sender") {
        for number in 0..<100 {
          thread.tell { _ in
            ids.withLock { _ = $0.insert(CurrentThread.id) }
            notes.add("\(sender) \(number)")
          }
        }
      }
    }
    try thread.submit { _ in }
    for sender in senders { sender.join() }
    let all = notes.wait(for: 400)
    for sender in 0..<4 {
      #expect(all.filter { $0.hasPrefix("\(sender) ") } == (0..<100).map { "\(sender) \($0)" })
    }
    #expect(ids.withLock { $0.count } == 1)
  }

  @Test func `timers fire in the order of their deadlines, never early, and not once cancelled`()
    throws
  {
    let thread = IOThread()
    let notes = Notes()
    let base = Clocks.elapsed()
    try thread.submit { loop in
      for delay: Int64 in [30, 10, 20] {
        let deadline = base + delay * 1_000_000
        _ = loop.setTimer(at: deadline) { _ in
          notes.add("\(delay) \(Clocks.elapsed() >= deadline)")
        }
      }
      let cancelled = loop.setTimer(at: base) { _ in notes.add("cancelled") }
      loop.cancel(cancelled)
      loop.cancel(cancelled)
    }
    #expect(notes.wait(for: 3) == ["10 true", "20 true", "30 true"])
  }

  @Test func `a timer that sets itself again leaves room for other work`() throws {
    let thread = IOThread()
    let notes = Notes()
    @Sendable func again(_ loop: IOLoop) { _ = loop.setTimer(at: 0) { again($0) } }
    try thread.submit { again($0) }
    try thread.submit { _ in notes.add("done") }
    #expect(notes.wait(for: 1) == ["done"])
  }

  @Test func `cancelled timers do not pile up`() {
    var timers = LoopTimers()
    for id in 1...10_000 as ClosedRange<UInt64> {
      timers.set(id, at: 1_000_000 + Int64(id % 7), { _ in })
      if id > 10 { timers.cancel(id - 10) }
    }
    #expect(timers.size <= 64)
    #expect(timers.earliest != nil)
  }

  @Test func `a watch is called as long as its descriptor is ready, and never after its end`()
    throws
  {
    let thread = IOThread()
    let notes = Notes()
    let (one, other) = (OpenFile(try .counter()), OpenFile(try .counter()))
    one.descriptor.increment()
    other.descriptor.increment()
    try thread.submit { loop in
      do {
        var watches: [IOLoop.Watch] = []
        for file in [one, other] {
          let watch = try loop.watch(file.descriptor.number, for: .readable) { loop, readiness in
            notes.add("\(readiness == .readable)")
            for watch in watches { loop.end(watch) }
            thread.tell { _ in notes.add("end") }
          }
          watches.append(watch)
        }
      } catch {
        notes.add("\(error)")
      }
    }
    #expect(notes.wait(for: 2) == ["true", "end"])
  }

  @Test func `what is wanted of a descriptor can change, and a reader that is gone is told`() throws
  {
    let thread = IOThread()
    let notes = Notes()
    try thread.submit { loop in
      do {
        let pipe = try ChildPipe(hostReads: false)
        let reader = OpenFile(try Descriptor(dup(pipe.child.number), of: "dup"))
        let writer = OpenFile(pipe.takeHost())
        var watch: IOLoop.Watch?
        var keptReader: OpenFile? = reader
        watch = try loop.watch(writer.descriptor.number, for: []) { loop, readiness in
          notes.add(readiness.contains(.hungUp) ? "hung up" : "writable")
          guard let current = watch else { return }
          loop.change(current, to: [])
          if readiness.contains(.hungUp) {
            loop.end(current)
            watch = nil
            withExtendedLifetime(writer) {}
          } else {
            keptReader = nil
          }
          _ = keptReader
        }
        if let watch { loop.change(watch, to: .writable) }
      } catch {
        notes.add("\(error)")
      }
    }
    #expect(notes.wait(for: 2) == ["writable", "hung up"])
  }

  @Test func `a stop tells the tenants, and waits for them no longer than it was told`() throws {
    for leaves in [true, false] {
      let thread = IOThread()
      let notes = Notes()
      try thread.submit { loop in
        var tenant: IOLoop.Tenant?
        tenant = loop.add(
          tenant: { loop in
            notes.add("stop")
            guard leaves, let tenant else { return }
            _ = loop.setTimer(at: Clocks.elapsed() + 1_000_000) { $0.remove(tenant) }
          }, onAbandon: { _ in notes.add("abandoned") })
      }
      let before = Clocks.elapsed()
      thread.stop(until: before + (leaves ? 60 : 0) * Programs.second + 10_000_000)
      #expect(notes.wait(for: leaves ? 1 : 2) == (leaves ? ["stop"] : ["stop", "abandoned"]))
      #expect(Clocks.elapsed() - before < 30 * Programs.second)
      #expect(throws: SystemCallError.self) { try thread.submit { _ in } }
    }
  }

  @Test func `a thread that nobody used was never started`() {
    IOThread().stop(until: .max)
  }
}
