import Testing

@testable import SystemCalls

@Suite struct PollerTests {
  @Test func `a change is told once, or as long as it holds`() throws {
    let poller = try Poller()
    let edge = try Descriptor.counter()
    let level = try Descriptor.counter()
    try poller.add(edge.number, as: 1, .edge)
    try poller.add(level.number, as: 2, .level)
    #expect(poller.wait(blocks: false) == 0)
    edge.increment()
    level.increment()
    #expect(poller.wait(blocks: true) == 3)
    #expect(poller.wait(blocks: true) == 2)
    level.clear()
    #expect(poller.wait(blocks: false) == 0)
    edge.increment()
    #expect(poller.wait(blocks: true) == 1, "each change counts, although it was not read")
    try poller.remove(edge.number)
    edge.increment()
    #expect(poller.wait(blocks: false) == 0)
  }

  /// Linux refuses to tell one alone of a poller, as others do of everything.
  @Test func `where one alone cannot be told, all are`() throws {
    let inner = try Poller()
    let counter = try Descriptor.counter()
    try inner.add(counter.number, as: 1, .edge)
    let a = try Poller()
    let b = try Poller()
    try a.add(inner.descriptor.number, as: 1, .exclusiveEdge)
    try b.add(inner.descriptor.number, as: 1, .exclusiveEdge)
    counter.increment()
    #expect(a.wait(blocks: true) == 1)
    #expect(b.wait(blocks: true) == 1)
  }

  @Test func `what cannot be waited on is refused with its reason`() throws {
    let poller = try Poller()
    let error = #expect(throws: SystemCallError.self) { try poller.add(-1, as: 1, .level) }
    #expect(error?.description.hasPrefix("epoll_ctl: ") == true)
  }
}
