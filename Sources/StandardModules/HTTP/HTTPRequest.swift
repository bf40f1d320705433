import ModuleKit
import Permissions
import ScriptHost
import SystemCalls
import Transfers

/// What a call of `http` asks for, checked.
struct HTTPRequest: Sendable {
  /// Bytes of an answer unless the script says otherwise, in memory and to a file.
  private static let (usual, usualFile) = (10 << 20, 1 << 30)
  private static let (most, mostFile) = (Int64(1) << 30, Int64(1) << 40)

  var transfer: TransferRequest
  let retry: HTTPRetry?
  let signature: AWSSignature?
  let body: HTTPBody
  /// Where the body of the answer goes; nil keeps it in memory.
  let target: FilePlace?
  let certificates: CertificateFiles

  /// Throws a mistake for wrong arguments, and a refusal if there is no libcurl, or the script may not.
  ///
  /// - Parameter json: the text of the option `json`.
  init(
    _ urlValue: Value, _ method: String, _ options: HTTPOptions, json: Value, of call: FunctionCall,
    _ client: HTTPClient
  ) throws {
    if let problem = CurlLibrary.load() { throw Refusal(problem, code: "connect") }
    guard method.utf8.allSatisfy(\.isTokenByte), !method.isEmpty, method != "CONNECT" else {
      throw options.mistake("\(method) is no method that can be sent")
    }
    let url = try Self.url(urlValue, options)
    var request = TransferRequest(url)
    request.method = method
    request.owner = call.script
    request.headers = try options.headers()
    if let authorization = try options.authorization(url) {
      request.headers.removeAll { $0.name.lowercased() == "authorization" }
      request.headers.append(authorization)
    }
    request.timeout = try options.duration("timeout", otherwise: request.timeout)
    request.connectTimeout = try options.duration(
      "connect_timeout", otherwise: request.connectTimeout)
    request.redirects = try options.number("redirects", in: 0...50, otherwise: request.redirects)
    request.isPacked = try options.flag("compressed", otherwise: true)
    retry = try HTTPRetry(options, method: method, request.headers)
    let toFile = options["to"] != nil
    request.maxSize = try options.size("max_size", otherwise: toFile ? Self.usualFile : Self.usual)
    guard request.maxSize <= (toFile ? Self.mostFile : Self.most) else {
      throw options.mistake("max_size is at most 1G, or 1T with to")
    }
    target = try options.place("to", for: .write, call, client.files)
    certificates = try CertificateFiles(options, of: call, client.files)
    body = try HTTPBody(options, json: json, of: call, client.files)
    if let type = body.type,
      !request.headers.contains(where: { $0.name.lowercased() == "content-type" })
    {
      request.headers.append(TransferHeader("Content-Type", type))
    }
    if !request.headers.contains(where: { $0.name.lowercased() == "user-agent" }) {
      request.headers.append(TransferHeader("User-Agent", "Moonwheel"))
    }
    signature = try AWSSignature(options)
    try Self.place(&request, options, call, client)
    transfer = request
  }

  /// The files that are opened before it is sent.
  var places: [FilePlace] {
    body.places + certificates.places + (target.map { [$0] } ?? [])
  }

  /// The same with another transfer.
  func with(_ transfer: TransferRequest) -> HTTPRequest {
    var copy = self
    copy.transfer = transfer
    return copy
  }

  private static func url(_ value: Value, _ options: HTTPOptions) throws(Mistake) -> TransferURL {
    guard let text = value.text else {
      throw options.mistake("the URL must be a string, not \(value.described)")
    }
    let query = PercentEncoding.pairs(try options.pairs("query"))
    do throws(TransferURL.Problem) {
      var url = try TransferURL(text)
      guard url.scheme == "http" || url.scheme == "https" else {
        throw TransferURL.Problem(description: "only http and https can be requested")
      }
      if !query.isEmpty {
        let (user, password) = (url.user, url.password)
        url = try TransferURL(url.text + (url.query == nil ? "?" : "&") + query)
        url = url.with(user: user, password: password)
      }
      return url
    } catch {
      throw options.mistake("\(Value.string(text).described): \(error)")
    }
  }

  /// How it gets there: security, proxy, socket.
  private static func place(
    _ request: inout TransferRequest, _ options: HTTPOptions, _ call: FunctionCall,
    _ client: HTTPClient
  ) throws {
    request.security.isVerified = try !options.flag("insecure", otherwise: false)
    if let path = try options.text("unix") {
      let absolute = path.hasPrefix("/") ? path : call.folder + "/" + path
      guard absolute.utf8.count < 108 else {
        throw options.mistake("unix: the path of a socket has at most 107 bytes")
      }
      try call.require(.unix, path)
      request.socket = absolute
    }
    guard let proxy = options["proxy"], proxy != .bool(false) else {
      let proxies = client.proxies
      let isOff = options["proxy"] != nil || request.socket != nil
      request.proxies = { isOff ? nil : proxies.proxy(for: $0) }
      return
    }
    let given = try proxyURL(proxy, options)
    let grants = call.grants
    guard grants.allowsName(given.host, port: given.namedPort, scheme: given.scheme) else {
      throw call.denial(.net, given.authority)
    }
    request.proxies = { _ in TransferProxy(given, isOfHost: false) }
  }

  private static func proxyURL(
    _ value: Value, _ options: HTTPOptions
  ) throws(Mistake) -> TransferURL {
    guard let text = value.text else {
      throw options.mistake("proxy must be a URL, or false, not \(value.described)")
    }
    do throws(TransferURL.Problem) {
      let url = try TransferURL(text.contains("://") ? text : "http://\(text)")
      guard url.scheme == "http" else {
        throw TransferURL.Problem(description: "a proxy is reached by http")
      }
      return url
    } catch {
      throw options.mistake("proxy: \(Value.string(text).described): \(error)")
    }
  }
}
