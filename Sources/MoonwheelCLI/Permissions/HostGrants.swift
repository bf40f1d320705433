import Moonwheel
import Permissions
import PolicyFile
import ScriptHost
import SystemCalls

/// Who grants what on the command line: the policies beside the scripts, and the flags. Any thread may ask.
struct HostGrants: Sendable {
  let book: PolicyBook
  let flags: GrantFlags

  init(paths: [String], _ flags: GrantFlags) throws(Failure) {
    self.flags = try flags.read()
    book = PolicyBook(paths: paths)
  }

  func decision(_ script: String, _ asked: PermissionSet) -> PermissionDecision {
    // It asks for what the owner of the host has said.
    if script == BuiltInAlarm.name { return PermissionDecision(granted: asked) }
    var decision = book.entry(of: script).decision
    decision.granted = decision.granted.union(flags.allowed)
    if flags.allowsAsked { decision.granted = decision.granted.union(asked) }
    decision.denied = decision.denied.union(flags.denied)
    return decision
  }

  /// The folder where the paths that a script names begin.
  func folder(of script: String) -> String {
    let folder = book.place(of: script).map { Paths.folder(of: $0.path(of: script)) } ?? ""
    return folder.isEmpty ? "/" : folder
  }

  /// `run:  moonwheel allow scripts/poll.lua`
  func remedy(_ script: String) -> String {
    let path = book.place(of: script)?.shownPath(of: script) ?? script
    return "run:  moonwheel allow \(ShellWord.path(path))   (or start with --allow-asked)"
  }

  /// `prompt` hears of what is asked and not granted.
  func policy(_ prompt: PermissionPrompt? = nil) -> PermissionPolicy {
    var policy = PermissionPolicy(grantBy: remedy) { script, asked in
      let decision = decision(script, asked)
      if let prompt {
        let folder = folder(of: script)
        let isDenied = !asked.denied(by: decision.denied, folder: folder).isEmpty
        prompt.note(
          script, asked: asked,
          missing: isDenied ? [:] : asked.missing(in: decision.granted, folder: folder))
      }
      return decision
    }
    policy.watch = book.watch
    return policy
  }
}
