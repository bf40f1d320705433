import SystemCalls
import SystemIO
import Testing
import WorkerPool

@Suite(.timeLimit(.minutes(1))) struct BlockingPoolTests {
  /// Lets threads wait until it is opened.
  private final class Gate: Sendable {
    private let state = Condition((isOpen: false, waiting: 0, passed: [String]()))

    func pass(_ name: String) {
      state.withLock { $0.waiting += 1 }
      state.broadcast()
      state.wait(while: { !$0.isOpen })
      state.withLock { $0.passed.append(name) }
      state.broadcast()
    }

    func open() {
      state.withLock { $0.isOpen = true }
      state.broadcast()
    }

    func waitUntilWaiting(_ count: Int) { state.wait(while: { $0.waiting < count }) }
    func waitUntilPassed(_ count: Int) -> [String] {
      state.wait { $0.passed.count < count ? nil : $0.passed }
    }
    var waiting: Int { state.withLock { $0.waiting } }
  }

  @Test func `as many pieces of work run at once as there are threads`() {
    let (pool, gate) = (BlockingPool(), Gate())
    for number in 0..<10 { #expect(pool.submit(for: "a") { gate.pass("\(number)") }) }
    gate.waitUntilWaiting(4)
    #expect(gate.waiting == 4)
    gate.open()
    #expect(gate.waitUntilPassed(10).count == 10)
    #expect(pool.stop(until: .max))
  }

  @Test func `an owner that floods it does not keep others out`() {
    var bounds = BlockingPool.Bounds()
    bounds.threads = 1
    let (pool, gate) = (BlockingPool(bounds), Gate())
    #expect(pool.submit(for: "flood") { gate.pass("first") })
    gate.waitUntilWaiting(1)
    for _ in 0..<100 { #expect(pool.submit(for: "flood") { gate.pass("flood") }) }
    #expect(pool.submit(for: "other") { gate.pass("other") })
    gate.open()
    let passed = gate.waitUntilPassed(102)
    #expect(passed.prefix(3).contains("other"), "\(passed.prefix(5))")
    #expect(pool.stop(until: .max))
  }

  @Test func `what is too much is refused`() {
    var bounds = BlockingPool.Bounds()
    (bounds.threads, bounds.waiting, bounds.waitingOfOne) = (1, 5, 3)
    let (pool, gate) = (BlockingPool(bounds), Gate())
    #expect(pool.submit(for: "a") { gate.pass("a") })
    gate.waitUntilWaiting(1)
    let taken = (0..<5).map { _ in pool.submit(for: "a") { gate.pass("a") } }
    #expect(taken == [true, true, true, false, false])
    let others = (0..<3).map { _ in pool.submit(for: "b") { gate.pass("b") } }
    #expect(others == [true, true, false])
    gate.open()
    #expect(gate.waitUntilPassed(6).count == 6)
    #expect(pool.submit(for: "a") { gate.pass("a") })
    #expect(pool.stop(until: .max))
    #expect(!pool.submit(for: "a") { gate.pass("late") })
  }

  @Test func `a stop gives up work that hangs`() {
    let (pool, gate) = (BlockingPool(), Gate())
    #expect(pool.submit(for: "a") { gate.pass("a") })
    gate.waitUntilWaiting(1)
    #expect(!pool.stop(until: Clocks.monotonic() + 20_000_000))
    gate.open()
    #expect(gate.waitUntilPassed(1) == ["a"])
  }
}
