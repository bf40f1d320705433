import Testing

@testable import Transfers

struct TransferQueueTests {
  private func expect(_ queue: inout TransferQueue, begins owner: String, _ isExpected: Bool) {
    let begins = queue.begin(owner)
    #expect(begins == isExpected)
  }

  private func expectNext(_ queue: inout TransferQueue, _ expected: UInt64?) {
    let next = queue.next()
    #expect(next == expected)
  }

  @Test func `owners have places of their own, and take turns for those of all`() {
    var queue = TransferQueue()
    for _ in 0..<TransferQueue.mostOfOne { expect(&queue, begins: "a", true) }
    expect(&queue, begins: "a", false)
    queue.wait(1, of: "a")
    expect(&queue, begins: "b", true)
    expectNext(&queue, nil)
    queue.end("a")
    expectNext(&queue, 1)
    for number in 1..<TransferQueue.most / TransferQueue.mostOfOne {
      for _ in 0..<TransferQueue.mostOfOne { _ = queue.begin("o\(number)") }
    }
    expect(&queue, begins: "late", false)
    queue.wait(7, of: "late3")
    queue.wait(8, of: "late4")
    queue.wait(9, of: "late3")
    queue.forget(9, of: "late3")
    queue.end("b")
    expectNext(&queue, 7)
    expectNext(&queue, nil)
    queue.end("late3")
    expectNext(&queue, 8)
    #expect(queue.waitingCount == 0)
  }
}
