/// What one script may do: what it has asked for, as far as that is granted and not denied.
package struct Grants: Sendable {
  /// Nothing but what cannot hurt.
  package static let none = Grants()

  /// Why something is not allowed.
  package enum Standing: Sendable, Hashable {
    case allowed
    case notAsked
    case notGranted
    case denied
  }

  /// The absolute folder of the script: relative paths begin there.
  package let folder: String
  private let asked: [PermissionKind: [Rule]]
  let granted: [PermissionKind: [Rule]]
  private let denied: [PermissionKind: [Rule]]
  /// Kinds with a rule that cannot be read: nothing is left of them.
  private let deniedKinds: Set<PermissionKind>

  package init(
    asked: PermissionSet = [:], granted: PermissionSet = [:], denied: PermissionSet = [:],
    folder: String = "/"
  ) {
    self.folder = folder
    self.asked = Self.read(asked, folder).rules
    self.granted = Self.read(granted, folder).rules
    (self.denied, deniedKinds) = Self.read(denied, folder)
  }

  private static func read(
    _ set: PermissionSet, _ folder: String
  ) -> (rules: [PermissionKind: [Rule]], unreadable: Set<PermissionKind>) {
    var rules: [PermissionKind: [Rule]] = [:]
    var unreadable: Set<PermissionKind> = []
    for kind in set.kinds {
      for entry in set[kind] {
        do throws(EntryProblem) {
          rules[kind, default: []].append(try Rule(kind, entry, folder: folder))
        } catch {
          unreadable.insert(kind)
        }
      }
    }
    return (rules, unreadable)
  }

  // MARK: Names

  /// Whether the script may use a name, or connect to `host` or `host:port`. Without a port the default one of the
  /// protocol is meant. Keys that begin with `self.` are the script's own.
  package func allows(_ kind: PermissionKind, _ wanted: String) -> Bool {
    standing(kind, wanted) == .allowed
  }

  package func standing(_ kind: PermissionKind, _ wanted: String) -> Standing {
    switch kind {
    case .net, .insecure:
      guard let (host, port) = Self.hostAndPort(wanted) else { return .notAsked }
      return standing(kind, host, port: port, standard: nil)
    case .read, .write, .unix:
      let path = PathEntry.absolute(wanted, in: folder)
      return standing(kind) {
        if case .path(let root) = $0 { PathEntry.isBeneath(path, root) } else { false }
      }
    case .run:
      return standing(kind) {
        if case .program(let name) = $0 {
          Rule.program(name).covers(.program(wanted))
        } else {
          false
        }
      }
    case .env, .secret, .mail, .kv, .send:
      if kind == .kv, wanted.hasPrefix("self.") { return .allowed }
      return standing(kind) { if case .name(let glob) = $0 { glob.matches(wanted) } else { false } }
    }
  }

  /// Whether the script may run a program by another name than that of the rules. `isSame` says whether the name of a rule
  /// leads to the same file.
  package func allowsProgram(_ wanted: String, where isSame: (String) -> Bool) -> Bool {
    let matches: (Rule) -> Bool = { rule in
      guard case .program(let name) = rule else { return false }
      return rule.covers(.program(wanted)) || name.map(isSame) == true
    }
    return standing(.run, matches) == .allowed
  }

  /// The name in a rule that denies programs of which this is true; nil if there is none.
  package func deniedProgram(where isMeant: (String) -> Bool) -> String? {
    for case .program(let name?) in denied[.run] ?? [] where isMeant(name) { return name }
    return nil
  }

  private func standing(_ kind: PermissionKind, _ matches: (Rule) -> Bool) -> Standing {
    standing(kind, denies: matches, matches)
  }

  private func standing(
    _ kind: PermissionKind, denies: (Rule) -> Bool, _ matches: (Rule) -> Bool
  ) -> Standing {
    if deniedKinds.contains(kind) || denied[kind]?.contains(where: denies) == true {
      return .denied
    }
    guard rules(asked, kind).contains(where: matches) else { return .notAsked }
    return rules(granted, kind).contains(where: matches) ? .allowed : .notGranted
  }

  /// What may be written may be read.
  private func rules(_ set: [PermissionKind: [Rule]], _ kind: PermissionKind) -> [Rule] {
    kind == .read ? (set[.read] ?? []) + (set[.write] ?? []) : set[kind] ?? []
  }

  // MARK: Hosts

  /// Whether the script may connect to a host, which is a name or an address as in a URL. Ask before its lookup, which is
  /// a message to the outside; `scheme` is that of the URL.
  package func allowsName(_ host: String, port: Int?, scheme: String) -> Bool {
    guard let host = WantedHost(host) else { return false }
    return standing(.net, host, port: port, standard: Self.standardPort(scheme)) == .allowed
  }

  /// Whether a host that ``allowsName(_:port:scheme:)`` allows may be reached at an address to which its name leads. Ask
  /// for each address of the answer, and again when a connection is made.
  package func allowsAddress(
    _ address: String, of host: String, port: Int?, scheme: String
  ) -> Bool {
    guard let host = WantedHost(host), let address = IPAddress(address) else { return false }
    let standard = Self.standardPort(scheme)
    let isDenied =
      deniedKinds.contains(.net)
      || Self.net(denied).contains { entry in
        entry.denies(.address(address), port: port, standard: standard)
          || entry.denies(host, port: port, standard: standard)
      }
    guard !isDenied else { return false }
    return [asked, granted].allSatisfy { set in
      let named = Self.net(set).filter { $0.matches(host, port: port, standard: standard) }
      guard !named.isEmpty else { return false }
      return named.contains { $0.leads(to: address) }
        || Self.net(set).contains {
          $0.matches(.address(address), port: port, standard: standard)
        }
    }
  }

  /// The ports of the hosts that the script may reach; nil for all. For its programs, since the kernel holds a program to
  /// ports and not to hosts.
  package var ports: Set<Int>? {
    guard !deniedKinds.contains(.net) else { return [] }
    guard let wanted = Self.ports(asked) else { return Self.ports(granted) }
    guard let given = Self.ports(granted) else { return wanted }
    return wanted.intersection(given)
  }

  /// An entry without a port is for what `http` does.
  private static func ports(_ set: [PermissionKind: [Rule]]) -> Set<Int>? {
    var ports: Set<Int> = []
    for entry in net(set) {
      switch entry.port {
      case .any: return nil
      case .standard: ports.formUnion([80, 443])
      case .number(let number): ports.insert(number)
      }
    }
    return ports
  }

  private static func net(_ set: [PermissionKind: [Rule]]) -> [NetEntry] {
    (set[.net] ?? []).compactMap(\.net)
  }

  private func standing(
    _ kind: PermissionKind, _ host: WantedHost, port: Int?, standard: Int?
  ) -> Standing {
    standing(
      kind, denies: { $0.net?.denies(host, port: port, standard: standard) == true },
      { $0.net?.matches(host, port: port, standard: standard) == true })
  }

  private static func standardPort(_ scheme: String) -> Int? {
    [
      "ssh": 22, "http": 80, "https": 443, "smtp": 25, "smtps": 465, "postgres": 5432,
      "mysql": 3306,
    ][scheme]
  }

  /// The parts of `host:port`. The word private after them is left out.
  private static func hostAndPort(_ text: String) -> (WantedHost, Int?)? {
    let place = text.prefix { $0 != " " }
    if let host = WantedHost(place) { return (host, nil) }
    guard let colon = place.lastIndex(of: ":"), let host = WantedHost(place[..<colon]),
      let port = Int(place[place.index(after: colon)...])
    else { return nil }
    return (host, port)
  }

  // MARK: Paths

  /// For `.read` and `.write`: absolute paths without `.` and `..`, beneath which all is granted that
  /// ``denies(_:path:)`` does not deny.
  package func roots(_ kind: PermissionKind) -> [String] {
    var roots: [String] = []
    for case .path(let asked) in rules(asked, kind) {
      for case .path(let granted) in rules(granted, kind) {
        let root: String? =
          PathEntry.isBeneath(asked, granted)
          ? asked : PathEntry.isBeneath(granted, asked) ? granted : nil
        if let root, !roots.contains(root) { roots.append(root) }
      }
    }
    return roots
  }

  /// The paths of which ``denies(_:path:)`` is true, with all beneath them. All of a kind are meant by `/`.
  package func deniedRoots(_ kind: PermissionKind) -> [String] {
    let kinds = kind == .write ? [.read, .write] : [kind]
    return kinds.flatMap { kind in
      deniedKinds.contains(kind)
        ? ["/"]
        : (denied[kind] ?? []).compactMap { rule in
          if case .path(let root) = rule { root } else { nil }
        }
    }
  }

  /// Whether a path, which is absolute and has no links in it, is denied. What may not be read may not be written.
  package func denies(_ kind: PermissionKind, path: String) -> Bool {
    let kinds = kind == .write ? [.read, .write] : [kind]
    return kinds.contains { kind in
      deniedKinds.contains(kind)
        || (denied[kind] ?? []).contains { rule in
          if case .path(let root) = rule { PathEntry.isBeneath(path, root) } else { false }
        }
    }
  }
}
