import Testing

@testable import Embedding

@Suite(.timeLimit(.minutes(1))) struct EmbeddingExampleTests {
  /// The scripts of the example.
  private var scripts: String {
    let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    return "/\(root)/Examples/Embedding/scripts"
  }

  @Test func `the example sends an order and receives that it is done`() async throws {
    let answer = try await Shop.order(scripts)
    #expect(answer == ["item": "moon cake", "cost": 6, "left": 42])
  }
}
