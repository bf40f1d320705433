import WorkerPool

/// Calls the body in a thread of its own, and returns its result. Blocks no thread of Swift's concurrency.
package func inThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
  try await withCheckedThrowingContinuation { continuation in
    do {
      _ = try OSThread(name: "test") { continuation.resume(with: Result { try body() }) }
    } catch {
      continuation.resume(throwing: error)
    }
  }
}
