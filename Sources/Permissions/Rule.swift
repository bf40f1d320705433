/// What an entry of ``PermissionKind/run`` may say beside the names of programs. `"*"`, which is all programs, does not say
/// it.
package enum RunWord: String {
  /// Programs may reach what the host may, and not only what their script may.
  case unconfined
  /// What programs leave in the background may outlive their run.
  case detach
}

/// An entry of a permission, read.
enum Rule: Sendable, Hashable {
  case net(NetEntry)
  /// An absolute path.
  case path(String)
  case name(Glob)
  /// A program, by its name or path as written; nil for any.
  case program(String?)

  /// The most bytes of an entry.
  static let longest = 1_024

  /// Relative paths begin in `folder`. Throws what is wrong with the entry, with the remedy.
  init(_ kind: PermissionKind, _ text: String, folder: String = "/") throws(EntryProblem) {
    guard !text.isEmpty else { throw EntryProblem("it is empty") }
    guard text.utf8.count <= Self.longest else {
      throw EntryProblem("it has more than \(Self.longest) bytes")
    }
    guard !text.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) else {
      throw EntryProblem("it has a control character, such as a line break or NUL")
    }
    switch kind {
    case .net, .insecure: self = .net(try NetEntry(text))
    case .read, .write, .unix:
      try PathEntry.check(text)
      self = .path(PathEntry.absolute(text, in: folder))
    case .run: self = .program(try Self.program(text))
    case .env, .secret, .mail, .kv, .send:
      try Self.checkName(kind, text)
      self = .name(Glob(text))
    }
  }

  var net: NetEntry? { if case .net(let entry) = self { entry } else { nil } }

  private static func program(_ text: String) throws(EntryProblem) -> String? {
    if text == "*" { return nil }
    if text.contains("*") { throw EntryProblem("name each program, or write \"*\" for all") }
    if text.contains(" ") {
      throw EntryProblem(
        "name the program alone, which may get any arguments: \"\(text.prefix { $0 != " " }.prefix(100))\""
      )
    }
    return text
  }

  private static func checkName(_ kind: PermissionKind, _ text: String) throws(EntryProblem) {
    guard !text.contains(" ") else { throw EntryProblem("a name has no spaces") }
    switch kind {
    case .env:
      guard !text.contains("="), !text.contains("$") else {
        throw EntryProblem("write the name of the variable alone, as in \"HOME\"")
      }
    case .mail:
      guard text.contains("@") || text == "*" else {
        throw EntryProblem("write addresses, as in \"ann@example.org\" or \"*@example.org\"")
      }
    case .kv:
      guard !text.hasPrefix("self.") else {
        throw EntryProblem("keys that begin with self. are the script's own and need no permission")
      }
    default: break
    }
  }

  /// Whether all that `other` means is meant by this one.
  func covers(_ other: Rule) -> Bool {
    switch (self, other) {
    case (.net(let wide), .net(let narrow)): wide.covers(narrow)
    case (.path(let root), .path(let path)): PathEntry.isBeneath(path, root)
    case (.name(let wide), .name(let narrow)): wide.covers(narrow)
    case (.program(let wide), .program(let narrow)):
      wide == narrow || wide == nil && narrow.map(RunWord.init(rawValue:)) == .some(nil)
    case (.net, _), (.path, _), (.name, _), (.program, _): false
    }
  }
}

extension PermissionSet {
  /// The most entries of one kind.
  package static let most = 256

  /// The most bytes of all entries.
  package static let mostBytes = 64 << 10

  /// Throws what is wrong with the first bad entry: `net[2] = "http://x": write the host alone`.
  package func check() throws(EntryProblem) {
    let bytes = kinds.reduce(0) { $0 + self[$1].reduce(0) { $0 + $1.utf8.count } }
    guard bytes <= Self.mostBytes else {
      throw EntryProblem("all entries together have more than \(Self.mostBytes >> 10) KiB")
    }
    for kind in kinds {
      guard self[kind].count <= Self.most else {
        throw EntryProblem("\(kind.rawValue) has more than \(Self.most) entries")
      }
      for (index, entry) in self[kind].enumerated() {
        do throws(EntryProblem) {
          _ = try Rule(kind, entry)
        } catch {
          throw EntryProblem(
            "\(kind.rawValue)[\(index + 1)] = \(LuaQuote.quoted(entry, most: 100)): \(error)")
        }
      }
    }
  }

  /// The entry that grants all of `entry`; nil if none does alone. What may be written may be read.
  package func covering(
    _ kind: PermissionKind, _ entry: String, folder: String
  ) -> (kind: PermissionKind, entry: String)? {
    guard let rule = Self.rule(kind, entry, folder) else { return nil }
    for kind in kind == .read ? [.read, .write] : [kind] {
      let found = self[kind].first { Self.rule(kind, $0, folder)?.covers(rule) == true }
      if let found { return (kind, found) }
    }
    return nil
  }

  /// The entries that `granted` does not grant.
  package func missing(in granted: PermissionSet, folder: String) -> PermissionSet {
    filter { granted.covering($0, $1, folder: folder) == nil }
  }

  /// The entries of which the rules of `denied` leave nothing.
  package func denied(by denied: PermissionSet, folder: String) -> PermissionSet {
    filter { denied.denying($0, $1, folder: folder) != nil }
  }

  private func filter(_ isKept: (PermissionKind, String) -> Bool) -> PermissionSet {
    var kept = PermissionSet()
    for kind in kinds { kept[kind] = self[kind].filter { isKept(kind, $0) } }
    return kept
  }

  /// The entry of this set, as rules that deny, that leaves nothing of `entry`; nil if there is none.
  package func denying(_ kind: PermissionKind, _ entry: String, folder: String) -> String? {
    guard let rule = Self.rule(kind, entry, folder) else { return nil }
    return self[kind].first { Self.rule(kind, $0, folder).map { $0.deniesAll(rule) } ?? true }
  }

  private static func rule(_ kind: PermissionKind, _ entry: String, _ folder: String) -> Rule? {
    do throws(EntryProblem) {
      return try Rule(kind, entry, folder: folder)
    } catch {
      return nil
    }
  }
}

extension Rule {
  /// Whether it denies all that another one means. A rule about hosts that names no port denies each.
  fileprivate func deniesAll(_ other: Rule) -> Bool {
    guard case .net(let wide) = self, case .net(let narrow) = other else { return covers(other) }
    return wide.deniesAll(narrow)
  }
}
