import ModuleKit
import Permissions
import ScriptHost
import Triggers

/// A wrong argument of `ssh`: an error in the script, at the call.
struct SSHMistake: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = "ssh: " + description }

  init(_ mistake: ShellMistake) {
    description = "ssh: " + mistake.description.dropFirst("sh: ".count)
  }
}

/// A machine that a script reaches by SSH, as the script names it. The settings of ssh may make another name of it.
struct SSHHost: Sendable {
  let name: String
  let user: String?
  /// Nil for that of the settings, or 22.
  let port: UInt16?

  /// Reads `host` or `user@host`.
  ///
  /// ssh gives both to programs of its settings, such as a ProxyCommand, whose shell would read other characters.
  init(_ text: String, user: String?, port: UInt16?) throws(SSHMistake) {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let (host, named) = (parts.last ?? "", parts.count == 2 ? String(parts[0]) : nil)
    guard Self.isName(host, with: "-_.:"), host.utf8.count <= 253 else {
      throw SSHMistake(
        "\"\(text.prefix(100))\" is no host: write the name alone, or \"user@name\"; the port is an option"
      )
    }
    guard named == nil || user == nil else {
      throw SSHMistake("the user is named twice, before the @ and in the options")
    }
    name = String(host)
    self.user = named ?? user
    self.port = port
    if let user = self.user { try Self.check(user: user) }
  }

  private static func check(user: String) throws(SSHMistake) {
    guard isName(user[...], with: "-_."), user.utf8.count <= 64 else {
      throw SSHMistake("\"\(user.prefix(100))\" is no name of a user")
    }
  }

  private static func isName(_ text: Substring, with signs: String) -> Bool {
    guard let first = text.utf8.first, first != UInt8(ascii: "-") else { return false }
    return text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: signs.utf8.contains(byte)
      }
    }
  }

  /// Throws unless the script may connect to it. The name counts that the script has written, before any lookup.
  func require(_ call: FunctionCall) throws(Refusal) {
    guard call.grants.allowsName(name, port: port.map(Int.init), scheme: "ssh") else {
      let shown = name.contains(":") ? "[\(name)]" : name
      throw call.denial(.net, "\(shown):\(port ?? 22)")
    }
  }

  /// Options for `ssh` and `sftp`. Nobody is asked anything; what a person wants of a session, such as its forwardings, is
  /// off, and no connection is left open for later ones.
  func words(_ options: SSHOptions, config: String?) -> [String] {
    var settings = [
      "BatchMode=yes", "ConnectTimeout=\(options.connectTimeout)", "ServerAliveInterval=15",
      "ServerAliveCountMax=4", "ControlMaster=no", "ClearAllForwardings=yes",
      "PermitLocalCommand=no", "RemoteCommand=none", "RequestTTY=no", "LogLevel=ERROR",
    ]
    if let port { settings.append("Port=\(port)") }
    if let user { settings.append("User=\(user)") }
    if options.identity != nil {
      settings += ["IdentityFile=none", "IdentitiesOnly=no", "IdentityAgent=SSH_AUTH_SOCK"]
    }
    return (config.map { ["-F", $0] } ?? []) + settings.flatMap { ["-o", $0] }
  }
}

/// What a script says about a connection, and about the command as for `sh`.
struct SSHOptions: Sendable {
  var shell: ShellOptions
  var user: String?
  var port: UInt16?
  /// In seconds.
  var connectTimeout: Int64 = 10
  /// The text of a private key.
  var identity: [UInt8]?

  private static let own: Set<String> = ["connect_timeout", "identity", "port", "user"]
  private static let ofShell: Set<String> = [
    "cwd", "kill_after", "log", "max_output", "ok_codes", "stdin", "timeout", "to",
  ]
  private static let ofTransfers: Set<String> = ["timeout", "kill_after"]

  /// - Parameter list: a list of words may have options as named fields, too.
  init(_ list: Value = .nil, _ options: Value, isTransfer: Bool = false) throws(SSHMistake) {
    var fields: [Value: Value] = [:]
    if case .table(let table) = list { fields = table.filter { $0.key.text != nil } }
    switch options {
    case .nil: break
    case .table(let table): fields.merge(table) { _, new in new }
    case .list(let list) where list.isEmpty: break
    default: throw SSHMistake("the options must be a table, not \(options.described)")
    }
    let shared = isTransfer ? Self.ofTransfers : Self.ofShell
    for key in fields.keys {
      guard let name = key.text, Self.own.contains(name) || shared.contains(name) else {
        let near = Spelling.nearest(to: key.text ?? "", in: Self.own.union(shared).sorted())
        throw SSHMistake(
          "unknown option \(key.described)" + (near.map { ", did you mean \"\($0)\"?" } ?? ""))
      }
    }
    do throws(ShellMistake) {
      shell = try ShellOptions(.nil, .table(fields.filter { shared.contains($0.key.text ?? "") }))
      user = try fields["user"].map { (value) throws(ShellMistake) in
        try ShellOptions.text("user", value)
      }
      port = try fields["port"].map { (value) throws(ShellMistake) in
        UInt16(try ShellOptions.integer("port", value, in: 1...65_535))
      }
      if let value = fields["connect_timeout"] {
        let length = try ShellOptions.duration("connect_timeout", value)
        connectTimeout = max(1, min(3_600, (length + 999_999_999) / 1_000_000_000))
      }
      identity = try fields["identity"].map { (value) throws(ShellMistake) in
        try ShellOptions.bytes("identity", value)
      }
    } catch {
      throw SSHMistake(error)
    }
    guard identity == nil || !isTransfer else {
      throw SSHMistake(
        "identity is for commands: ssh.put and ssh.get have the keys of the host's agent and settings"
      )
    }
  }
}
