import Glibc
import MoonwheelTesting
import Synchronization
import Testing

@testable import Embedding
@testable import Moonwheel

@Suite struct EmbeddingExampleTests {
  /// The scripts of the example.
  private var scripts: String {
    let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    return "/\(root)/Examples/Embedding/scripts"
  }

  @Test func `the example sends an order and receives that it is done`() async throws {
    let (done, continuation) = AsyncStream.makeStream(of: Event.self)
    let task = Task { try await Embedding.serve([scripts]) { continuation.yield($0) } }
    for await event in done {
      #expect(event.name == "order.done" && event.source == "shop.lua")
      #expect(event.payload == ["item": "moon cake", "cost": 6, "left": 42])
      break
    }
    task.cancel()
    _ = await task.result
  }
}
