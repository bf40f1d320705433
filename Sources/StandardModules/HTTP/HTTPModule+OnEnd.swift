import ModuleKit
import ScriptHost
import Synchronization
import Transfers

/// The requests that runs have left for their end, by numbers that scripts have.
final class LeftRequests: Sendable {
  private struct State {
    var requests: [Int64: (script: String, request: AfterRun)] = [:]
    var last: Int64 = 0
  }

  private let state = Mutex(State())

  /// Returns its number, which holds until the run of the call has ended.
  func add(_ request: AfterRun, of call: FunctionCall) -> Int64 {
    let number = state.withLock { state in
      state.last += 1
      state.requests[state.last] = (call.script, request)
      return state.last
    }
    call.hold { [self] in forget(number) }
    return number
  }

  func take(_ number: Int64, of script: String) -> AfterRun? {
    state.withLock { state in
      guard state.requests[number]?.script == script else { return nil }
      return state.requests.removeValue(forKey: number)?.request
    }
  }

  private func forget(_ number: Int64) { state.withLock { $0.requests[number] = nil } }
}

extension HTTPModule {
  /// `http.on_end`, whose Lua makes an object of the number.
  var leaving: [ModuleFunction] {
    [
      .waiting("on_end", ["options", "json"]) { [client, left] call in
        let options = try HTTPOptions(call.arguments[0], "http.on_end", known: LeftRequest.names)
        let method = try options.text("method") ?? "GET"
        let request = try HTTPRequest(
          options["url"] ?? .nil, method.uppercased(), options, json: call.arguments[1], of: call,
          client)
        var transfer = request.transfer
        transfer.body = request.body.open()
        transfer.security = try await client.security(of: request, for: call)
        let url = transfer.url
        if let failure = HTTPClient.policy(transfer, of: call).name(url) {
          throw Refusal(failure.message, code: failure.code.rawValue)
        }
        let networks = call.grants.specialNetworks(
          of: url.host, port: url.namedPort, scheme: url.scheme)
        let payload = LeftRequest(
          request.with(transfer), proxy: options["proxy"].map { $0.text ?? "" },
          networks: networks
        ).value
        let kept = try await call.afterRun(LeftRequest.kind, payload)
        return .integer(left.add(kept, of: call))
      },
      ModuleFunction("_cancel", ["number"]) { [left] call in
        left.take(call.arguments[0].int ?? 0, of: call.script)?.cancel()
        return .nil
      },
      ModuleFunction("_perform", ["number"]) { [left] call in
        left.take(call.arguments[0].int ?? 0, of: call.script)?.perform()
        return .nil
      },
    ]
  }

  var afterRun: [AfterRunHandler] {
    [
      AfterRunHandler(LeftRequest.kind) { [client] request in
        do {
          try await LeftRequest(request.payload).send(by: client)
        } catch let failure as TransferFailure {
          throw Refusal(failure.message, code: failure.code.rawValue)
        }
      }
    ]
  }
}
