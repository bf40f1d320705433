import LuaRuntime
import ModuleKit
import MoonwheelModel
import ScriptHost
import Synchronization
import SystemCalls
import Transfers
import Triggers

/// One call of `http`, with its attempts.
final class HTTPCall: Sendable {
  private enum Phase {
    case opening
    case sending(TransferHandle?)
    /// Until the next attempt.
    case pausing
    case over
  }

  private struct State {
    var phase = Phase.opening
    var attempt = 1
    var isUnwanted = false
    /// What is sent, once its files are open.
    var transfer: TransferRequest
    var hold: MemoryHold?
    /// Bytes that the hold counts.
    var held = 0
  }

  private let client: HTTPClient
  private let request: HTTPRequest
  private let call: FunctionCall
  private let answer: CallAnswer
  private let state: Mutex<State>

  init(_ client: HTTPClient, _ request: HTTPRequest, _ call: FunctionCall, _ answer: CallAnswer) {
    self.client = client
    self.request = request
    self.call = call
    self.answer = answer
    state = Mutex(State(transfer: request.transfer))
  }

  /// Opens the files that are sent, and sends.
  func begin() {
    answer.whenUnwanted { [weak self] in self?.end() }
    let places = request.places
    guard !places.isEmpty else { return opened(request.body.open(), request.transfer.security) }
    client.files.inPool(for: call, places) { [self] (disk) throws(FileFailure) in
      var security = request.transfer.security
      try request.certificates.read(disk, into: &security)
      opened(try request.body.open(disk), security)
    } failed: { [self] in
      failed($0, places)
    }
  }

  private func failed(_ error: FileFailure, _ places: [FilePlace]) {
    let place = places.first { error == .denied($0.kind) } ?? places[0]
    let refusal = error.refusal(of: place.shown, call)
    let isBusy = if case .refused(.busy, _) = error { true } else { false }
    let code = place.kind == .write ? "write" : "read"
    answer.fail(Refusal(refusal.message, code: error.isDenied ? "denied" : isBusy ? "busy" : code))
  }

  private func opened(_ body: TransferBody, _ security: TransferSecurity) {
    state.withLock { state in
      state.transfer.security = security
      state.transfer.body = body
      state.transfer.signing = request.signature?.signing(body)
    }
    send()
  }

  private func send() {
    let isWanted = state.withLock { state in
      state.phase = state.isUnwanted ? .over : .sending(nil)
      return !state.isUnwanted
    }
    guard isWanted else { return give(.failure(Self.unwanted)) }
    var transfer = state.withLock { $0.transfer }
    transfer.hasRoom = { [weak self] in self?.hasRoom($0) ?? false }
    transfer.sink = request.target.flatMap { client.files.sink($0) }
    let policy = HTTPClient.policy(transfer, of: call)
    let handle = client.transfers.send(transfer, allowed: policy) { [self] in finished($0) }
    let isUnwanted = state.withLock { state in
      if case .sending = state.phase { state.phase = .sending(handle) }
      return state.isUnwanted
    }
    if isUnwanted { handle.cancel() }
  }

  private static let unwanted = TransferFailure(.cancelled, "the run has ended")

  /// Counts what a body takes for the script while it comes.
  private func hasRoom(_ bytes: Int) -> Bool {
    state.withLock { state in
      guard bytes > state.held else { return true }
      guard answer.hasRoom(for: bytes - state.held), let hold = answer.hold(bytes) else {
        return false
      }
      state.hold = hold
      state.held = bytes
      return true
    }
  }

  private func finished(_ result: TransferResult) {
    let delay = state.withLock { state -> Int64? in
      state.hold = nil
      state.held = 0
      let delay = request.retry?.delay(
        after: state.attempt, result, now: Timestamp(nanoseconds: Clocks.wall()))
      guard let delay, !state.isUnwanted else {
        state.phase = .over
        return nil
      }
      state.phase = .pausing
      state.attempt += 1
      return delay
    }
    guard let delay else { return give(result) }
    client.transfers.after(delay) { [self] in again() }
  }

  private func again() {
    let goesOn = state.withLock { if case .pausing = $0.phase { true } else { false } }
    if goesOn { send() }
  }

  /// The run has ended before the answer.
  private func end() {
    let (handle, isOver) = state.withLock { state -> (TransferHandle?, Bool) in
      state.isUnwanted = true
      switch state.phase {
      case .sending(let handle): return (handle, false)
      case .pausing:
        state.phase = .over
        return (nil, true)
      case .opening, .over: return (nil, false)
      }
    }
    handle?.cancel()
    if isOver { give(.failure(Self.unwanted)) }
  }

  private func give(_ result: TransferResult) {
    switch result {
    case .failure(let failure):
      answer.fail(Refusal(failure.message, code: failure.code.rawValue))
    case .success(let response):
      let path = (200..<300).contains(response.status) ? request.target?.shown : nil
      answer.give([
        .integer(Int64(response.status)), .bytes(response.head), .bytes(response.body),
        .string(response.url.text), .integer(Int64(response.redirects)),
        .number(Double(response.elapsed) / 1e9), .integer(Int64(response.size)),
        path.map { .string($0) } ?? .nil,
      ])
    }
  }
}
