import Permissions

/// Entries that give more than they seem to.
package enum PermissionRisk {
  /// Why an entry of a script is a risk, as the end of a sentence that begins with the entry; nil if it is none that is known.
  ///
  /// - Parameters:
  ///   - folder: that of the script, absolute.
  ///   - policyFolder: that of the policy, absolute.
  package static func words(
    _ kind: PermissionKind, _ entry: String, folder: String, policyFolder: String
  ) -> String? {
    switch kind {
    case .run: shell(entry)
    case .unix: socket(entry)
    case .net, .insecure: wildcard(entry)
    case .read, .write: path(kind, entry, folder, policyFolder)
    case .env, .secret, .mail, .kv, .send: nil
    }
  }

  // MARK: Programs

  /// Programs that run what their arguments say.
  private static let shells: Set<String> = [
    "sh", "ash", "bash", "busybox", "csh", "dash", "fish", "ksh", "tcsh", "zsh",
    "awk", "doas", "env", "find", "gawk", "lua", "lua5.4", "make", "mawk", "node", "nsenter",
    "parallel",
    "perl", "php", "python", "python2", "python3", "ruby", "runuser", "setpriv", "ssh", "su",
    "sudo", "systemd-run",
    "tclsh", "unshare", "xargs",
  ]

  private static func shell(_ entry: String) -> String? {
    if entry == "*" { return "is every program: all that the user of the host may do" }
    switch RunWord(rawValue: entry) {
    case .unconfined: return "lets its programs do all that the user of the host may do"
    case .detach: return "lets its programs go on when the host has forgotten them"
    case nil: break
    }
    let name = entry.split(separator: "/").last.map(String.init) ?? entry
    return shells.contains(name)
      ? "runs any other program: it is all that the user of the host may do" : nil
  }

  private static let rootSockets: Set<String> = [
    "docker.sock", "containerd.sock", "crio.sock", "podman.sock", "lxd.socket", "libvirt-sock",
  ]

  private static func socket(_ entry: String) -> String? {
    let name = entry.split(separator: "/").last.map(String.init) ?? entry
    return rootSockets.contains(name)
      ? "is root on this machine: who may start containers may mount all its files" : nil
  }

  // MARK: Hosts

  /// Suffixes below which anybody gets a name, besides those of one part, such as `com`. A small part of
  /// publicsuffix.org.
  private static let publicSuffixes: Set<String> = [
    "amazonaws.com", "appspot.com", "azurewebsites.net", "blogspot.com", "cloudfront.net",
    "co.in", "co.jp", "co.kr", "co.nz", "co.uk", "co.za", "com.au", "com.br", "com.cn", "com.mx",
    "com.tr", "com.tw", "duckdns.org", "dyndns.org", "fly.dev", "github.io", "gitlab.io",
    "herokuapp.com", "hopto.org", "netlify.app", "ngrok.io", "no-ip.org", "onrender.com",
    "org.uk", "pages.dev", "r2.dev", "railway.app", "s3.amazonaws.com", "sslip.io",
    "trycloudflare.com", "vercel.app", "web.app", "windows.net", "workers.dev", "nip.io",
    "ac.uk", "gov.uk", "ne.jp", "or.jp", "net.au", "org.au", "firebaseapp.com", "repl.co",
  ]

  private static func wildcard(_ entry: String) -> String? {
    let host = entry.prefix { $0 != " " && $0 != ":" }.lowercased()
    if host == "*" { return "is every host" }
    guard host.hasPrefix("*.") else { return nil }
    let suffix = String(host.dropFirst(2))
    guard !suffix.contains(".") || publicSuffixes.contains(suffix) else { return nil }
    return "is no single owner's: anybody can get a name below \(suffix)"
  }

  // MARK: Paths

  private static func path(
    _ kind: PermissionKind, _ entry: String, _ folder: String, _ policyFolder: String
  ) -> String? {
    let asked = PermissionSet([kind: [entry]])
    if asked.covering(kind, policyFolder, folder: folder) != nil {
      return kind == .read
        ? "has the policy and the scripts in it, and the store with all that they have logged"
        : "has the policy and the scripts in it: these stay closed, unless an entry names them, but their tests and what else is there do not"
    }
    if asked.covering(kind, "/proc", folder: folder) != nil {
      return
        "shows what other processes of the user of the host have among their words and variables"
    }
    guard kind == .write else { return nil }
    let name = entry.split(separator: "/").last.map(String.init) ?? entry
    if name == Policy.fileName {
      return "decides what scripts may do: whoever writes it may do all"
    }
    let isBeneath =
      PermissionSet([.write: [policyFolder]]).covering(.write, entry, folder: folder) != nil
    return isBeneath && name.hasSuffix(".lua")
      ? "is a script or a module: whoever writes it may do what it may" : nil
  }
}
