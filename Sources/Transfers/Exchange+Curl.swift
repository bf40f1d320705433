import CCurl
import Glibc
import SystemCalls

/// What libcurl is told of a request, and what it says in the end.
///
/// Safe because texts and bytes are copied by the calls that get them.
extension Exchange {
  /// Bytes of all header lines of an answer.
  static let headLimit = 256 << 10
  /// Bytes of a body that was to go elsewhere, and is an error page.
  static let keptLimit = 10 << 20
  /// Less than a byte a second for so many seconds is no transfer.
  private static let slowest: Int64 = 60

  func prepare(_ handle: OpaquePointer) -> Bool {
    let now = Clocks.elapsed()
    let left = max(1, (deadline - now) / 1_000_000)
    let connecting = request.connectTimeout / (addresses.count > 1 ? 2 : 1) / 1_000_000
    unsafe ccurl_bound(
      handle, Self.headLimit, UInt64(request.maxSize), request.sink == nil ? 0 : TransferLoop.atOnce
    )
    return unsafe text(handle, CCURL_URL, request.url.text)
      && ccurl_set_schemes(handle, request.schemes)
      && number(handle, CCURL_TIMEOUT_MS, min(left, 1 << 30))
      && number(handle, CCURL_CONNECTTIMEOUT_MS, max(1, min(connecting, left)))
      && number(handle, CCURL_LOW_SPEED_LIMIT, 1)
      && number(handle, CCURL_LOW_SPEED_TIME, Self.slowest)
      && place(handle) && secure(handle) && verb(handle) && content(handle) && lines(handle)
      && others(handle)
  }

  private func number(_ handle: OpaquePointer, _ option: ccurl_option, _ value: Int64) -> Bool {
    unsafe ccurl_set_number(handle, Int32(option.rawValue), value)
  }

  private func text(_ handle: OpaquePointer, _ option: ccurl_option, _ value: String) -> Bool {
    unsafe ccurl_set_text(handle, Int32(option.rawValue), value)
  }

  /// Where it goes: nothing is left for libcurl to look up.
  private func place(_ handle: OpaquePointer) -> Bool {
    if let socket = request.socket { return unsafe text(handle, CCURL_UNIX_SOCKET_PATH, socket) }
    guard let address = addresses.first, unsafe ccurl_pin(handle, address) else { return false }
    let bracketed = address.contains(":") ? "[\(address)]" : address
    if let proxy {
      guard unsafe text(handle, CCURL_PROXY, "http://\(bracketed):\(proxy.url.port)") else {
        return false
      }
      guard let user = proxy.url.user else { return true }
      return unsafe text(handle, CCURL_PROXYUSERPWD, "\(user):\(proxy.url.password ?? "")")
    }
    guard !request.url.isAddress else { return true }
    return unsafe ccurl_add_text(handle, Int32(CCURL_CONNECT_TO.rawValue), "::\(bracketed):")
  }

  private func secure(_ handle: OpaquePointer) -> Bool {
    let security = request.security
    let files = [
      (CCURL_CAINFO_BLOB, security.authorities), (CCURL_SSLCERT_BLOB, security.certificate),
      (CCURL_SSLKEY_BLOB, security.key),
    ]
    for case (let option, let bytes?) in files {
      guard unsafe ccurl_set_bytes(handle, Int32(option.rawValue), bytes, bytes.count) else {
        return false
      }
    }
    guard !security.isVerified else { return true }
    return unsafe number(handle, CCURL_SSL_VERIFYPEER, 0)
      && number(handle, CCURL_SSL_VERIFYHOST, 0)
  }

  private func verb(_ handle: OpaquePointer) -> Bool {
    switch request.method {
    case "GET": true
    case "HEAD": unsafe number(handle, CCURL_NOBODY, 1)
    default: unsafe text(handle, CCURL_CUSTOMREQUEST, request.method)
    }
  }

  private func content(_ handle: OpaquePointer) -> Bool {
    switch request.body {
    case .none:
      guard ["POST", "PUT", "PATCH"].contains(request.method) else { return true }
      return unsafe upload(handle, [], of: 0)
    case .bytes(let bytes): return unsafe upload(handle, bytes, of: bytes.count)
    case .source(let source): return unsafe upload(handle, [], of: source.size)
    }
  }

  private func upload(_ handle: OpaquePointer, _ bytes: [UInt8], of size: Int) -> Bool {
    unsafe number(handle, CCURL_UPLOAD, 1)
      && text(handle, CCURL_CUSTOMREQUEST, request.method)
      && number(handle, CCURL_INFILESIZE_LARGE, Int64(size))
      && ccurl_send(handle, bytes, bytes.count, bytes.count == size)
  }

  private func lines(_ handle: OpaquePointer) -> Bool {
    var headers = request.headers
    if let signing = request.signing { headers += signing(request.url, request.method, headers) }
    let option = Int32(CCURL_HTTPHEADER.rawValue)
    for header in headers {
      var line = Array(header.name.utf8)
      line += header.value.isEmpty ? [UInt8(ascii: ";")] : [UInt8(ascii: ":"), 32] + header.value
      line.append(0)
      let isAdded = unsafe line.withUnsafeBufferPointer { line in
        unsafe line.withMemoryRebound(to: CChar.self) { line in
          unsafe ccurl_add_text(handle, option, line.baseAddress)
        }
      }
      guard isAdded else { return false }
    }
    // Otherwise libcurl waits up to a second for a server that knows nothing of it.
    if case .none = request.body { return true }
    return unsafe ccurl_add_text(handle, option, "Expect:")
  }

  private func others(_ handle: OpaquePointer) -> Bool {
    if request.isPacked, unsafe !text(handle, CCURL_ACCEPT_ENCODING, "") { return false }
    for option in request.options {
      let isSet =
        switch option {
        case .number(let option, let value): unsafe ccurl_set_number(handle, option, value)
        case .text(let option, let value): unsafe ccurl_set_text(handle, option, value)
        case .list(let option, let values):
          values.allSatisfy { unsafe ccurl_add_text(handle, option, $0) }
        }
      guard isSet else { return false }
    }
    return true
  }

  func response(_ handle: OpaquePointer) -> TransferResponse {
    var response = TransferResponse(url: request.url)
    response.status = Int(unsafe ccurl_status(handle))
    response.head = unsafe copiedHead(handle)
    response.body = unsafe takenBody(handle)
    response.size = Int(unsafe ccurl_received(handle))
    response.redirects = redirects
    response.elapsed = Clocks.elapsed() - begun
    return response
  }
}

/// What went wrong.
extension Exchange {
  /// Nil if nothing did.
  func problem(_ handle: OpaquePointer, _ result: Int32) -> TransferFailure? {
    switch unsafe ccurl_refused(handle) {
    case CCURL_HEAD_TOO_LARGE:
      return failure(
        .tooLarge, "the headers of the answer have more than \(Self.headLimit >> 10) KiB")
    case CCURL_BODY_TOO_LARGE:
      return failure(.tooLarge, "the answer has more than \(request.maxSize) bytes")
    case CCURL_NO_ROOM:
      return failure(.tooLarge, "the script has no memory left for the answer")
    case CCURL_OTHER_ADDRESS:
      return failure(.denied, "it would have gone to an address that was not checked")
    default: break
    }
    guard result != 0 else { return nil }
    if result == Int32(CCURLE_OPERATION_TIMEDOUT.rawValue) { return unsafe slow(handle) }
    return failure(Self.code(result), unsafe String(cString: ccurl_message(handle, result)))
  }

  private func slow(_ handle: OpaquePointer) -> TransferFailure {
    let passed = Clocks.elapsed() - begun
    guard passed + 2_000_000 < request.timeout else { return tooLate }
    guard unsafe ccurl_is_connected(handle) else {
      return failure(
        .timeout, "no connection within \(Double(request.connectTimeout) / 1e9) s")
    }
    return failure(.timeout, "less than a byte a second came for \(Self.slowest) s")
  }

  private static func code(_ result: Int32) -> TransferFailure.Code {
    switch ccurl_result(UInt32(result)) {
    case CCURLE_COULDNT_RESOLVE_PROXY, CCURLE_COULDNT_RESOLVE_HOST: .dns
    case CCURLE_COULDNT_CONNECT: .connect
    case CCURLE_SSL_CONNECT_ERROR, CCURLE_SSL_CERTPROBLEM, CCURLE_SSL_CIPHER,
      CCURLE_PEER_FAILED_VERIFICATION, CCURLE_USE_SSL_FAILED, CCURLE_SSL_ENGINE_INITFAILED,
      CCURLE_SSL_CACERT_BADFILE, CCURLE_SSL_ISSUER_ERROR:
      .tls
    case CCURLE_PARTIAL_FILE, CCURLE_GOT_NOTHING, CCURLE_SEND_ERROR, CCURLE_RECV_ERROR,
      CCURLE_SEND_FAIL_REWIND, CCURLE_READ_ERROR:
      .read
    case CCURLE_WRITE_ERROR: .write
    default: .protocol
    }
  }

  /// Whether it may go to the next address of its name: nothing was sent.
  func mayTryNextAddress(_ handle: OpaquePointer, _ result: Int32) -> Bool {
    let isFresh = unsafe !ccurl_is_connected(handle) && ccurl_refused(handle) == CCURL_TAKEN
    return addresses.count > 1 && ending == nil && isFresh && Clocks.elapsed() < deadline
      && [CCURLE_COULDNT_CONNECT, CCURLE_OPERATION_TIMEDOUT].contains(ccurl_result(UInt32(result)))
  }
}

/// The body that has come, which the transfer forgets.
func takenBody(_ handle: OpaquePointer) -> [UInt8] {
  var size = 0
  let bytes = unsafe ccurl_body(handle, &size)
  let copy = unsafe Array(UnsafeBufferPointer(start: bytes, count: size))
  unsafe ccurl_clear_body(handle)
  return copy
}

func copiedHead(_ handle: OpaquePointer) -> [UInt8] {
  var size = 0
  let bytes = unsafe ccurl_head(handle, &size)
  return unsafe Array(UnsafeBufferPointer(start: bytes, count: size))
}
