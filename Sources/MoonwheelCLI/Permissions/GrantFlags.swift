import Moonwheel
import Permissions
import SystemCalls

/// What the command line grants and denies to all scripts.
struct GrantFlags: Equatable {
  var allowsAsked = false
  var allowed: PermissionSet = [:]
  var denied: PermissionSet = [:]

  /// With the variables in place of flags that are not given. Throws for an entry that cannot be read.
  func read() throws(Failure) -> GrantFlags {
    GrantFlags(
      allowsAsked: allowsAsked || environmentFlag("ALLOW_ASKED"),
      allowed: try Self.read(.allow, allowed), denied: try Self.read(.deny, denied))
  }

  private static func read(
    _ word: GrantOptions.Word, _ given: PermissionSet
  ) throws(Failure) -> PermissionSet {
    var set: PermissionSet = [:]
    for kind in PermissionKind.allCases {
      for setting in Setting.all("\(word)-\(kind)", given[kind]) {
        do throws(EntryProblem) {
          try PermissionSet([kind: [setting.text]]).check()
        } catch {
          throw setting.wrong("\(error)")
        }
        set[kind].append(isPath(kind) ? Paths.absolute(setting.text) : setting.text)
      }
    }
    return set
  }

  /// Where the flag is typed, a path begins in the working folder; in a script or a policy, in the script's folder.
  private static func isPath(_ kind: PermissionKind) -> Bool {
    switch kind {
    case .read, .write, .unix: true
    case .net, .run, .env, .secret, .mail, .kv, .send, .insecure: false
    }
  }
}
