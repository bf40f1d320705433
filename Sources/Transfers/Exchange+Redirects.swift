extension Exchange {
  /// Whether an answer sends the request elsewhere.
  func follows(_ status: Int) -> Bool {
    [301, 302, 303, 307, 308].contains(status) && request.redirects > 0
      && request.schemes == "http,https"
  }

  /// Turns to where the answer sends it. Returns false if it says no place: then it is the answer.
  func redirect(_ status: Int, _ head: HeadLines) throws(TransferFailure) -> Bool {
    guard let location = head.first("location"), !location.isEmpty else { return false }
    guard redirects < request.redirects else {
      throw failure(.redirects, "it was redirected more than \(request.redirects) times")
    }
    let next: TransferURL
    do throws(TransferURL.Problem) {
      next = try TransferURL(location, relativeTo: request.url)
    } catch {
      throw failure(.redirects, "it was redirected to what is no URL: \(error)")
    }
    guard next.scheme == "http" || next.scheme == "https" else {
      throw failure(.redirects, "it was redirected to \(next.scheme), which is not followed")
    }
    guard request.url.scheme == "http" || next.scheme == "https" else {
      throw failure(.redirects, "it was redirected from https to http, which is not followed")
    }
    redirects += 1
    if !next.hasOrigin(of: request.url) { try leaveOrigin(next) }
    if status < 304, request.method != "GET", request.method != "HEAD" { becomeGet() }
    request.url = next
    return true
  }

  /// What is meant for one server is not shown to another.
  private func leaveOrigin(_ next: TransferURL) throws(TransferFailure) {
    guard request.socket == nil else {
      throw failure(.redirects, "it was redirected from a socket to \(next.shown)")
    }
    request.headers.removeAll { ["authorization", "cookie"].contains($0.name.lowercased()) }
    request.signing = nil
    request.security.certificate = nil
    request.security.key = nil
  }

  private func becomeGet() {
    request.method = "GET"
    request.body = .none
    request.headers.removeAll { $0.name.lowercased().hasPrefix("content-") }
  }
}

/// The header lines of an answer.
package struct HeadLines {
  private let bytes: [UInt8]

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The value of the first line of a name, which is in lower case.
  package func first(_ name: String) -> String? {
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
      let found = String(decoding: line[..<colon], as: UTF8.self)
      guard found.lowercased() == name else { continue }
      var value = line[line.index(after: colon)...]
      while let last = value.last, last == 32 || last == 9 || last == 13 { value.removeLast() }
      while let first = value.first, first == 32 || first == 9 { value.removeFirst() }
      return String(decoding: value, as: UTF8.self)
    }
    return nil
  }
}
