import Moonwheel
import Permissions
import SystemCalls

/// The alarm script of `--on-failure-mail` and `--on-failure-webhook`: `Templates/alarm.lua`, with what the flags say.
struct BuiltInAlarm {
  /// No script of a folder has a name without `.lua`.
  static let name = "on-failure"

  let text: String
  private let sendsMail: Bool

  /// Nil if neither is given.
  init?(mail: Setting?, webhook: Setting?) throws(Failure) {
    guard mail != nil || webhook != nil else { return nil }
    let addresses = try mail?.addresses() ?? []
    sendsMail = !addresses.isEmpty
    var asked: PermissionSet = [.mail: addresses]
    if let webhook { asked[.net] = try webhook.hosts() }
    let quoted = addresses.map { LuaQuote.quoted($0) }.joined(separator: ", ")
    let machine = Processes.hostName ?? "this machine"
    let values = [
      "local to = \(addresses.isEmpty ? "nil" : "{ \(quoted) }")",
      "local url = \(webhook.map { LuaQuote.quoted($0.text) } ?? "nil")",
      "local machine = \(LuaQuote.quoted(machine))", "permissions \(asked.lua)", "",
    ]
    text =
      values.joined(separator: "\n") + String(decoding: PackageResources.alarm_lua, as: UTF8.self)
  }

  /// Makes it the alarm script of a host. Throws if it has one.
  func serve(in configuration: inout Configuration) throws(Failure) {
    guard configuration.onFailure == nil else {
      throw Failure(
        "--on-failure SCRIPT has an alarm script already: let it send mails or call the webhook itself",
        code: 64)
    }
    guard !sendsMail || configuration.smtp != nil else {
      throw Failure(
        "--on-failure-mail needs a server that takes the mails: add --smtp smtp://HOST", code: 64)
    }
    configuration.texts.append((name: Self.name, source: text))
    configuration.onFailure = Self.name
  }
}

extension Setting {
  /// Addresses of mail, separated by commas.
  fileprivate func addresses() throws(Failure) -> [String] {
    let all = text.split(separator: ",").map { String($0.drop { $0 == " " }) }
    let isGood = all.allSatisfy { address in
      let parts = address.split(separator: "@", omittingEmptySubsequences: false)
      return parts.count == 2 && parts.allSatisfy { !$0.isEmpty }
        && address.utf8.allSatisfy { $0 > 32 && $0 < 127 && !"<>()[],;:\\\"".utf8.contains($0) }
    }
    guard isGood, !all.isEmpty else {
      throw wrong("must be an address as in ann@example.org, not \"\(text)\"")
    }
    return all
  }

  /// What a script must be granted to reach the URL.
  fileprivate func hosts() throws(Failure) -> [String] {
    let parts = text.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    let isURL = parts.count > 2 && parts[1].isEmpty && !parts[2].isEmpty
    guard isURL, !parts[2].contains("*"), ["http:", "https:"].contains(parts[0].lowercased()) else {
      throw wrong("must be a URL as in https://example.org/hook, not \"\(text)\"")
    }
    let place = parts[2].prefix { $0 != "?" && $0 != "#" }
    let host = String(place.split(separator: "@").last ?? place)
    // The owner of the host says where it is, whatever address the name leads to.
    let isName = host.contains { $0.isLetter } && !host.hasPrefix("[")
    let entries = isName ? [host, host + " private"] : [host]
    do throws(EntryProblem) { try PermissionSet([.net: entries]).check() } catch {
      throw wrong("\(error)")
    }
    return entries
  }
}
