import ModuleKit
import ScriptHost
import Stdlib

/// `http`: requests to servers that the script may reach.
///
/// In a simulation, and in tests, nothing is reached: a test gives the answers by `sim:mock("http.get", ...)`, or for all
/// methods by `sim:mock("http.request", ...)`.
struct HTTPModule: ScriptModule {
  let name = "http"
  let client: HTTPClient
  let left = LeftRequests()

  init(_ client: HTTPClient) { self.client = client }

  private static let verbs = ["get", "head", "delete", "options", "post", "put", "patch"]
  private static let large = ModuleFunction.Traits(takesLargeArguments: true)

  /// Lua encodes the option `json`, and passes its text as the last argument.
  var functions: [ModuleFunction] {
    Self.verbs.map { verb in
      .answering(verb, ["url", "options", "json"], Self.large) { [client] call in
        let options = try HTTPOptions(call.arguments[1], "http.\(verb)")
        let request = try HTTPRequest(
          call.arguments[0], verb.uppercased(), options, json: call.arguments[2], of: call, client)
        return { answer in client.send(request, for: call, answer) }
      }
    } + [
      .answering("request", ["options", "json"], Self.large) { [client] call in
        let options = try HTTPOptions(
          call.arguments[0], "http.request", known: HTTPOptions.names + ["method", "url"])
        let method = try options.text("method") ?? "GET"
        let request = try HTTPRequest(
          options["url"] ?? .nil, method.uppercased(), options, json: call.arguments[1], of: call,
          client)
        return { answer in client.send(request, for: call, answer) }
      }
    ] + leaving
  }

  var lua: String { String(decoding: Stdlib.http, as: UTF8.self) }
}
