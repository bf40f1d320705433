import Synchronization

extension Transfers {
  /// Sends the request and returns its answer. The cancellation of the task cancels it.
  package func answer(
    _ request: TransferRequest, allowed policy: TransferPolicy
  ) async throws(TransferFailure) -> TransferResponse {
    let handle = Mutex<(handle: TransferHandle?, isCancelled: Bool)>((nil, false))
    let result: TransferResult = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let sent = send(request, allowed: policy) { continuation.resume(returning: $0) }
        let isCancelled = handle.withLock { state in
          state.handle = sent
          return state.isCancelled
        }
        if isCancelled { sent.cancel() }
      }
    } onCancel: {
      let sent = handle.withLock { state in
        state.isCancelled = true
        return state.handle
      }
      sent?.cancel()
    }
    return try result.get()
  }
}
