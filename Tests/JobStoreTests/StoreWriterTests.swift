import Metrics
import Synchronization
import Testing

@testable import JobStore
@testable import MoonwheelModel

/// Whose work the thread of the store does, and when.
struct StoreWriterTests {
  @Test func `a change that somebody waits for comes before further queries`() throws {
    let order = Mutex<[String]>([])
    let store = MemoryJobStore()
    _ = store.load()
    let writer = StoreWriter(
      store: store, metrics: StoreMetrics(NOOPMetricsHandler.instance),
      onStored: { tickets, _ in order.withLock { $0.append("stored \(tickets)") } },
      onHealth: { _ in })
    for number in 1...10 {
      writer.query { _ in
        order.withLock { $0.append("query \(number)") }
        if number == 1 { writer.append([StoreWrite(.seed(1), ticket: 7)]) }
      }
    }
    try writer.start()
    writer.waitUntilIdle()
    writer.stop()
    let done = order.withLock { $0 }
    #expect(done.count == 11)
    #expect(done.prefix(3) == ["query 1", "stored [7]", "query 2"], "\(done)")
  }
}
