import Synchronization

/// An answer that may come at once, or later on another thread.
final class LookupAnswer: Sendable {
  private let state = Mutex<(answer: Resolver.Answer?, isClosed: Bool)>((nil, false))

  /// Returns false if it comes too late to be kept here.
  func keep(_ answer: Resolver.Answer) -> Bool {
    state.withLock { state in
      guard !state.isClosed else { return false }
      state.answer = answer
      return true
    }
  }

  /// The answer, if it has come. Later ones are not kept.
  func close() -> Resolver.Answer? {
    state.withLock { state in
      state.isClosed = true
      return state.answer
    }
  }
}
