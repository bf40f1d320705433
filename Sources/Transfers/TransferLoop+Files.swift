import CCurl
import SystemIO

/// Bodies that come from files and go to files, which is done on threads for calls that block.
extension TransferLoop {
  func asked(_ exchange: Exchange, _ handle: OpaquePointer, _ event: ccurl_event) {
    if event == CCURL_FULL {
      unsafe drain(exchange, handle)
    } else if case .source(let source) = exchange.request.body {
      let offset = exchange.sent
      inFile(exchange) { () throws(TransferFailure) in try source.read(from: offset) }
    }
  }

  /// As much of a body has come as is kept at once.
  private func drain(_ exchange: Exchange, _ handle: OpaquePointer) {
    let status = Int(unsafe ccurl_status(handle))
    if (200..<300).contains(status), let sink = exchange.request.sink {
      let bytes = unsafe takenBody(handle)
      exchange.hasSink = true
      inFile(exchange) { () throws(TransferFailure) in
        try sink.write(bytes)
        return []
      }
    } else {
      if exchange.follows(status) {
        unsafe ccurl_clear_body(handle)
      } else {
        unsafe ccurl_bound(handle, Exchange.headLimit, UInt64(Exchange.keptLimit), 0)
      }
      unsafe ccurl_resume(handle)
    }
  }

  /// Does something that blocks, while the transfer waits.
  private func inFile(
    _ exchange: Exchange, _ body: @escaping @Sendable () throws(TransferFailure) -> [UInt8]
  ) {
    exchange.phase = .file
    exchange.step += 1
    let (id, step, thread, owned) = (exchange.id, exchange.step, thread, LoopOwned(self))
    let isTaken = files.submit(for: exchange.request.owner) {
      let result = Result { () throws(TransferFailure) in try body() }
      thread.tell { loop in owned(loop).wentOn(id, step, result, loop) }
    }
    if !isTaken {
      let failure = TransferFailure(.busy, "too many transfers of files wait")
      thread.tell { loop in owned(loop).wentOn(id, step, .failure(failure), loop) }
    }
  }

  private func wentOn(
    _ id: UInt64, _ step: Int, _ result: Result<[UInt8], TransferFailure>, _ loop: IOLoop
  ) {
    guard let exchange = exchanges[id], exchange.step == step else { return }
    exchange.phase = .transfer
    if let ending = exchange.ending { return finish(exchange, .failure(ending), loop) }
    switch result {
    case .failure(let failure): finish(exchange, .failure(failure), loop)
    case .success(let bytes):
      if let handle = unsafe handles[id] { unsafe goOn(exchange, handle, bytes) }
    }
    settle(loop)
  }

  private func goOn(_ exchange: Exchange, _ handle: OpaquePointer, _ bytes: [UInt8]) {
    guard case .source(let source) = exchange.request.body, exchange.sent < source.size else {
      return unsafe ccurl_resume(handle)
    }
    exchange.sent += bytes.count
    let isLast = bytes.isEmpty || exchange.sent >= source.size
    _ = unsafe ccurl_feed(handle, bytes, bytes.count, isLast)
  }

  /// The answer is there, and perhaps its last part is to be written.
  func complete(_ exchange: Exchange, _ response: TransferResponse, _ loop: IOLoop) {
    guard let sink = exchange.request.sink, (200..<300).contains(response.status) else {
      return finish(exchange, .success(response), loop)
    }
    exchange.phase = .file
    exchange.hasSink = true
    let (id, thread, owned) = (exchange.id, thread, LoopOwned(self))
    let isTaken = files.submit(for: exchange.request.owner) {
      let result = Result { () throws(TransferFailure) in
        try sink.write(response.body)
        try sink.finish()
        var response = response
        response.body = []
        return response
      }
      thread.tell { loop in owned(loop).written(id, result, loop) }
    }
    guard !isTaken else { return }
    exchange.phase = .transfer
    finish(exchange, .failure(exchange.failure(.busy, "too many files wait")), loop)
  }

  private func written(_ id: UInt64, _ result: TransferResult, _ loop: IOLoop) {
    guard let exchange = exchanges[id] else { return }
    exchange.phase = .transfer
    if case .success = result { exchange.hasSink = false }
    finish(exchange, exchange.ending.map { .failure($0) } ?? result, loop)
    settle(loop)
  }
}
