import Moonwheel
import MoonwheelReports
import Permissions
import PolicyFile
import SystemCalls

/// What scripts ask for, and who grants it, for `check`.
struct PermissionReport {
  /// One entry that a script asks for.
  struct Line {
    let kind: PermissionKind
    let entry: String
    let isOptional: Bool
    let standing: Standing
    /// Nothing in the script can use it.
    let isUnused: Bool

    /// Whether the script does not load for lack of it.
    var isMissing: Bool { if case .granted = standing { false } else { !isOptional } }

    var text: String { "asks \(kind) \(entry.escapingControls)" }
  }

  enum Standing {
    /// By whom: `moonwheel.policy:3`, `--allow-net`.
    case granted(String)
    case denied(String)
    case missing
  }

  let grants: HostGrants
  /// By script.
  private let requests: [String: ScriptRequest]

  init(_ grants: HostGrants, _ requests: [ScriptRequest]) {
    self.grants = grants
    self.requests = Dictionary(requests.map { ($0.script, $0) }) { first, _ in first }
  }

  /// All that a script asks for.
  func asked(by script: String) -> PermissionSet { requests[script]?.request.all ?? [:] }

  /// In the order of kinds; what is optional comes last.
  func lines(of script: String) -> [Line] {
    let request = requests[script]?.request ?? PermissionRequest()
    return [(request.required, false), (request.optional, true)].flatMap { set, isOptional in
      set.kinds.flatMap { kind in
        set[kind].map { entry in
          Line(
            kind: kind, entry: entry, isOptional: isOptional,
            standing: standing(kind, entry, of: script),
            isUnused: requests[script]?.unused.contains(kind) == true)
        }
      }
    }
  }

  private func standing(_ kind: PermissionKind, _ entry: String, of script: String) -> Standing {
    let folder = grants.folder(of: script)
    let place = grants.book.entry(of: script)
    let wanted = PermissionSet([kind: [entry]])
    for rule in place.policy.rules(.deny, of: place.script)
    where !wanted.denied(by: rule.entries, folder: folder).isEmpty {
      return .denied("\(name(of: place.file)):\(rule.line)")
    }
    if !wanted.denied(by: grants.flags.denied, folder: folder).isEmpty {
      return .denied("--deny-\(kind)")
    }
    for rule in place.policy.rules(.allow, of: place.script)
    where wanted.missing(in: rule.entries, folder: folder).isEmpty {
      return .granted("\(name(of: place.file)):\(rule.line)")
    }
    if wanted.missing(in: grants.flags.allowed, folder: folder).isEmpty {
      return .granted("--allow-\(kind)")
    }
    return grants.flags.allowsAsked ? .granted("--allow-asked") : .missing
  }

  /// Short for a policy beside the scripts.
  private func name(of file: String?) -> String {
    guard let file else { return Policy.fileName }
    let isBeside = grants.book.places.contains { $0.candidates.first == file }
    return isBeside && grants.book.places.count == 1 ? Policy.fileName : file.escapingControls
  }

  // MARK: Rules that do nothing

  /// Advice about rules that no script needs; only for policies all of whose scripts are known.
  func advice(scripts: [String]) -> [String] {
    grants.book.places.filter(\.isWhole).flatMap { place -> [String] in
      guard let file = place.present, let script = scripts.first else { return [] }
      let own = scripts.filter { grants.book.place(of: $0) == place }
      let policy = grants.book.entry(of: own.first ?? script).policy
      var lines = policy.rules.compactMap { rule in
        unused(rule, own).map { "\(name(of: file)):\(rule.line): \($0)" }
      }
      if FileStatus(of: file)?.isWritableByAll == true {
        lines.append(
          "\(name(of: file)): every user of this machine may write it: chmod o-w \(ShellWord.path(file))"
        )
      }
      return lines
    }
  }

  private func unused(_ rule: Policy.Rule, _ scripts: [String]) -> String? {
    let matched = scripts.filter { rule.scripts.matches($0) }
    guard !matched.isEmpty else {
      return "UNUSED: there is no script \"\(rule.scripts.description.escapingControls)\""
    }
    guard rule.word == .allow else { return nil }
    var rest: PermissionSet = [:]
    for kind in rule.entries.kinds {
      rest[kind] = rule.entries[kind].filter { entry in
        !matched.contains { needs(kind, entry, $0) }
      }
    }
    guard !rest.isEmpty else { return nil }
    let who = rule.scripts.name ?? "no script of \"\(rule.scripts)\""
    let verb = rule.scripts.name == nil ? "asks for" : "does not ask for"
    return "UNUSED: \(who.escapingControls) \(verb) \(rest.words.escapingControls)"
  }

  /// Whether a script asks for something that the entry grants a part of.
  private func needs(_ kind: PermissionKind, _ entry: String, _ script: String) -> Bool {
    let folder = grants.folder(of: script)
    let granted = PermissionSet([kind: [entry]])
    let asked = asked(by: script)
    if asked.covering(kind, entry, folder: folder) != nil { return true }
    return asked.missing(in: granted, folder: folder) != asked
  }
}
