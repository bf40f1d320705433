import ModuleKit
import Permissions
import ScriptHost
import SystemIO
import Transfers

/// A request that is sent when its run has ended, as it lies in the store until then.
struct LeftRequest: Sendable {
  static let kind = "http.on_end"
  /// The options that it can have.
  static let names = [
    "aws", "basic", "bearer", "body", "ca", "cert", "connect_timeout", "form", "headers",
    "insecure", "json", "key", "method", "proxy", "query", "timeout", "unix", "url",
  ]

  private let request: TransferRequest
  private let networks: [String]
  private let signature: AWSSignature?
  /// Nil for that of the host's environment, and empty for none.
  private let proxy: String?

  /// As a run asks for it, which is permitted.
  init(_ given: HTTPRequest, proxy: String?, networks: [String]) {
    request = given.transfer
    signature = given.signature
    self.proxy = proxy
    self.networks = networks
  }

  /// Sends it. Throws what makes another attempt worth while.
  func send(by client: HTTPClient) async throws {
    var request = request
    request.redirects = 0
    request.signing = signature?.signing(request.body)
    let (networks, proxies) = (networks, client.proxies)
    if let proxy {
      let url = proxy.isEmpty ? nil : try TransferURL(proxy)
      request.proxies = { _ in url.map { TransferProxy($0, isOfHost: true) } }
    } else if request.socket == nil {
      request.proxies = { proxies.proxy(for: $0) }
    }
    let policy = TransferPolicy(
      name: { _ in nil }, address: { address, _ in SpecialAddresses.allow(address, in: networks) },
      addressDenial: {
        TransferFailure(
          .denied, "\($0.host) leads to an address to which its script may not connect")
      })
    let response = try await client.transfers.answer(request, allowed: policy)
    let isGone = request.method == "DELETE" && [404, 410].contains(response.status)
    guard response.status < 400 || isGone else {
      throw TransferFailure(
        .protocol, "HTTP \(response.status) from \(request.method) \(request.url.shown)")
    }
  }
}

/// Its form in the store.
extension LeftRequest {
  var value: Value {
    var fields: [Value: Value] = [
      "url": .string(request.url.text), "method": .string(request.method),
      "headers": .list(
        request.headers.map { ["name": .string($0.name), "value": .bytes($0.value)] }),
      "timeout": .integer(request.timeout), "connect_timeout": .integer(request.connectTimeout),
      "networks": .list(networks.map { .string($0) }),
      "insecure": .bool(!request.security.isVerified),
    ]
    if case .bytes(let bytes) = request.body { fields["body"] = .bytes(bytes) }
    fields["ca"] = request.security.authorities.map { .bytes($0) }
    fields["cert"] = request.security.certificate.map { .bytes($0) }
    fields["key"] = request.security.key.map { .bytes($0) }
    fields["unix"] = request.socket.map { .string($0) }
    fields["proxy"] = proxy.map { .string($0) }
    if let signature {
      fields["aws"] = .table([
        "region": .string(signature.region), "service": .string(signature.service),
        "key": .string(signature.key), "secret": .string(signature.secret),
        "token": .string(signature.token ?? ""),
      ])
    }
    return .table(fields)
  }

  init(_ value: Value) throws {
    if let problem = CurlLibrary.load() { throw TransferFailure(.connect, problem) }
    var request = TransferRequest(try TransferURL(value["url"]?.text ?? ""))
    request.method = value["method"]?.text ?? "GET"
    if case .list(let headers)? = value["headers"] {
      request.headers = headers.map {
        TransferHeader($0["name"]?.text ?? "", bytes: Self.bytes($0["value"]) ?? [])
      }
    }
    request.timeout = value["timeout"]?.int ?? request.timeout
    request.connectTimeout = value["connect_timeout"]?.int ?? request.connectTimeout
    if let body = Self.bytes(value["body"]) { request.body = .bytes(body) }
    request.security.isVerified = value["insecure"] != true
    request.security.authorities = Self.bytes(value["ca"])
    request.security.certificate = Self.bytes(value["cert"])
    request.security.key = Self.bytes(value["key"])
    request.socket = value["unix"]?.text
    self.request = request
    networks = if case .list(let list)? = value["networks"] { list.compactMap(\.text) } else { [] }
    proxy = value["proxy"]?.text
    signature = value["aws"].map { aws in
      let token = aws["token"]?.text ?? ""
      return AWSSignature(
        region: aws["region"]?.text ?? "", service: aws["service"]?.text ?? "",
        key: aws["key"]?.text ?? "", secret: aws["secret"]?.text ?? "",
        token: token.isEmpty ? nil : token)
    }
  }

  /// A text comes back as one.
  private static func bytes(_ value: Value?) -> [UInt8]? {
    switch value {
    case .string(let text): Array(text.utf8)
    case .bytes(let bytes): bytes
    default: nil
    }
  }
}
