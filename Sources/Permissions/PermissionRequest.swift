/// What a script asks for: what it cannot load without, and what it can.
package struct PermissionRequest: Sendable, Hashable {
  package var required: PermissionSet
  package var optional: PermissionSet

  package init(required: PermissionSet = [:], optional: PermissionSet = [:]) {
    self.required = required
    self.optional = optional
  }

  /// Both.
  package var all: PermissionSet { required.union(optional) }

  package var isEmpty: Bool { required.isEmpty && optional.isEmpty }
}

/// The words in which a script that may not load, or may not do something, hears what is missing.
package enum PermissionWords {
  /// `this script may not connect to api.example`. `wanted` is an entry of the kind.
  package static func refusal(_ kind: PermissionKind, _ wanted: String) -> String {
    let what = shown(wanted)
    let act =
      switch kind {
      case .net:
        what.hasSuffix(privateMark)
          ? "connect to \(what.dropLast(privateMark.count)), which leads to a private or otherwise special address"
          : "connect to \(what)"
      case .read: "read \(what)"
      case .write: "write \(what)"
      case .run: "run \(what)"
      case .env: "read the variable \(what) of the environment"
      case .secret: "have the secret \(what)"
      case .mail: "send mail to \(what)"
      case .kv: "use the key \(what)"
      case .unix: "connect to the socket \(what)"
      case .send: "send tasks to \(what)"
      case .insecure: "connect to \(what) without checking who it is"
      }
    return "this script may not \(act)"
  }

  private static let privateMark = " private"

  /// What to do about it. `grantBy` says how things are granted; nil if all is that a script asks for.
  package static func remedy(
    _ kind: PermissionKind, _ wanted: String, _ standing: Grants.Standing, grantBy: String?
  ) -> String {
    switch standing {
    case .denied: return "A rule denies it, whatever is granted."
    case .notGranted:
      return grantBy.map { "The script asks for it, but it is not granted: \($0)" }
        ?? "The script asks for it, but a script that is only tried out reaches no files outside of its folder."
    case .allowed where [.read, .write, .unix].contains(kind):
      return
        "Its name is granted, but not what is there: a link leads out, or it is a file that an entry must name itself (a script or a policy to be written, the store, what is in /proc, /dev and /sys)."
    case .allowed, .notAsked:  // the name is allowed, but not the address
      let set = PermissionSet([kind: [wanted]])
      return "Add it to the script:  permissions \(set.lua)"
        + (grantBy.map { "   and then \($0)" } ?? "")
    }
  }

  /// Why a script is not loaded.
  package static func loadError(
    missing: PermissionSet, denied: PermissionSet, grantBy: String?
  ) -> String {
    var text = "this script asks for what "
    if !missing.isEmpty { text += "is not granted: \(shown(missing.words))" }
    if !denied.isEmpty {
      text += (missing.isEmpty ? "" : "; and for what ") + "a rule denies: \(shown(denied.words))"
    }
    if !missing.isEmpty, let grantBy { text += "\n  To grant it, \(grantBy)" }
    return text
  }

  /// Without control characters, and not too long.
  package static func shown(_ text: String) -> String {
    var shown = ""
    for scalar in text.unicodeScalars {
      guard shown.utf8.count < 500 else { return shown + "..." }
      shown.unicodeScalars.append(scalar.value < 32 || scalar.value == 127 ? "\u{FFFD}" : scalar)
    }
    return shown
  }
}

extension Grants {
  /// What is wanted, as the entry that a script would write: a path beneath its folder is relative.
  package func entry(_ kind: PermissionKind, _ wanted: String) -> String {
    let entry =
      switch kind {
      case .read, .write: PathEntry.short(wanted, in: folder)
      default: wanted
      }
    return PermissionWords.shown(entry)
  }
}
