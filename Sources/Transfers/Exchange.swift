import SystemCalls

/// A request under way, with its hops. The I/O thread alone touches it.
final class Exchange {
  /// What it waits for.
  enum Phase {
    case queued
    case lookup
    case transfer
    /// The sink, or the source, on a thread for calls that block.
    case file
  }

  let id: UInt64
  let policy: TransferPolicy
  let then: @Sendable (TransferResult) -> Void
  /// As of the present hop.
  var request: TransferRequest
  var phase = Phase.queued
  var redirects = 0
  /// Of the present hop.
  var proxy: TransferProxy?
  /// Grows with each thing that it waits for, so that what comes too late is not taken for what it waits for now.
  var step = 0
  /// Of `Clocks.elapsed()`; 0 before it begins.
  var begun: Int64 = 0
  var deadline: Int64 = 0
  /// Where it may go; the first is the present one.
  var addresses: [String] = []
  /// Bytes of the source that were sent.
  var sent = 0
  var hasSink = false
  /// Why it is to end when what it waits for is over.
  var ending: TransferFailure?

  init(
    _ id: UInt64, _ request: TransferRequest, _ policy: TransferPolicy,
    _ then: @escaping @Sendable (TransferResult) -> Void
  ) {
    self.id = id
    self.request = request
    self.policy = policy
    self.then = then
  }

  /// What is connected to.
  var target: TransferURL { proxy?.url ?? request.url }

  func begin() {
    begun = Clocks.elapsed()
    let (deadline, isFar) = begun.addingReportingOverflow(request.timeout)
    self.deadline = isFar ? .max : deadline
  }

  func failure(_ code: TransferFailure.Code, _ text: String) -> TransferFailure {
    TransferFailure(code, "\(request.method) \(request.url.shown): \(text)")
  }

  var tooLate: TransferFailure {
    failure(.timeout, "it took longer than \(Double(request.timeout) / 1e9) s")
  }
}
