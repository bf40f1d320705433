import SystemCalls
import Transfers

/// The proxies that the host's environment names, as they were at its start.
struct HostProxies: Sendable {
  private let http: String?
  private let https: String?
  /// Names, and what they end with; `*` is all.
  private let none: [String]

  init(_ value: (String) -> String? = Environment.value(of:)) {
    func first(_ names: String...) -> String? {
      names.compactMap { value($0) }.first { !$0.isEmpty }
    }
    let all = first("all_proxy", "ALL_PROXY")
    // In upper case, a server of CGI lets its clients set it.
    http = first("http_proxy") ?? all
    https = first("https_proxy", "HTTPS_PROXY") ?? all
    none = (first("no_proxy", "NO_PROXY") ?? "").split { $0 == "," || $0 == " " }
      .map { $0.lowercased() }
  }

  func proxy(for url: TransferURL) -> TransferProxy? {
    guard let text = url.scheme == "https" ? https : http, !isExcepted(url) else { return nil }
    do throws(TransferURL.Problem) {
      let proxy = try TransferURL(text.contains("://") ? text : "http://\(text)")
      return TransferProxy(proxy, isOfHost: true)
    } catch {
      return nil
    }
  }

  private func isExcepted(_ url: TransferURL) -> Bool {
    none.contains { entry in
      guard entry != "*" else { return true }
      let name = entry.hasPrefix(".") ? String(entry.dropFirst()) : entry
      return url.host == name || !url.isAddress && url.host.hasSuffix("." + name)
    }
  }
}
