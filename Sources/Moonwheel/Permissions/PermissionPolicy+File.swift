import Permissions
import PolicyFile
import ScriptHost
import SystemCalls

extension PermissionPolicy {
  /// A file in the form of `moonwheel.policy` decides: see `docs/permissions.md`. A scheduler that watches its scripts watches
  /// the file too: what it says holds within a second. A file that is missing grants nothing; one that cannot be read
  /// changes nothing.
  ///
  /// Scripts have the names in it that they have in the scheduler.
  public static func policy(_ file: String) -> PermissionPolicy {
    let path = Paths.absolute(file)
    let book = PolicyBook(file: path)
    var policy = PermissionPolicy(
      grantBy: {
        "add to \(path):  allow(\(LuaQuote.quoted(ScriptGlob(name: $0).description)), { ... })"
      },
      { script, _ in book.entry(of: script).decision })
    policy.watch = book.watch
    return policy
  }
}

extension PolicyBook {
  package var watch: PolicyWatch { PolicyWatch(files: files) { [self] in read() } }
}

extension PolicyBook.Entry {
  package var decision: PermissionDecision {
    PermissionDecision(
      granted: policy.entries(.allow, of: script), denied: policy.entries(.deny, of: script))
  }
}
