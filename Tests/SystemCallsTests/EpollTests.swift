import Testing

@testable import SystemCalls

@Suite struct EpollTests {
  @Test func `a change is reported once, or as long as it holds`() throws {
    let epoll = try Epoll()
    let edge = try Descriptor.counter()
    let level = try Descriptor.counter()
    try epoll.add(edge.number, as: 1, .edge)
    try epoll.add(level.number, as: 2, .level)
    #expect(epoll.wait(blocks: false) == 0)
    edge.increment()
    level.increment()
    #expect(epoll.wait(blocks: true) == 3)
    #expect(epoll.wait(blocks: true) == 2)
    level.clear()
    #expect(epoll.wait(blocks: false) == 0)
    edge.increment()
    #expect(
      epoll.wait(blocks: true) == 1, "each change is reported, although the last one was not read")
    try epoll.remove(edge.number)
    edge.increment()
    #expect(epoll.wait(blocks: false) == 0)
  }

  /// Linux refuses EPOLLEXCLUSIVE for an epoll inside another. Kernels that imitate Linux may always refuse it.
  @Test func `where the kernel cannot wake one thread only, it wakes all`() throws {
    let inner = try Epoll()
    let counter = try Descriptor.counter()
    try inner.add(counter.number, as: 1, .edge)
    let a = try Epoll()
    let b = try Epoll()
    try a.add(inner.descriptor.number, as: 1, .exclusiveEdge)
    try b.add(inner.descriptor.number, as: 1, .exclusiveEdge)
    counter.increment()
    #expect(a.wait(blocks: true) == 1)
    #expect(b.wait(blocks: true) == 1)
  }

  @Test func `a descriptor that epoll refuses is an error with a reason`() throws {
    let epoll = try Epoll()
    let error = #expect(throws: SystemCallError.self) { try epoll.add(-1, as: 1, .level) }
    #expect(error?.description.hasPrefix("epoll_ctl: ") == true)
  }
}
