import Permissions

/// Who decides what scripts may do beyond what cannot hurt: compute, wait, log, use events, and keep data of their own.
///
/// A script asks with `permissions { ... }`, and loads only if all is granted that it asks for.
public struct PermissionPolicy: Sendable {
  let decide: @Sendable (_ script: String, _ asked: PermissionSet) -> PermissionDecision
  /// How something is granted to a script, as the end of a sentence: `run:  moonwheel allow a.lua`. Nil if all is that the
  /// script asks for.
  let grantBy: @Sendable (_ script: String) -> String?

  /// Files that decide; nil for none.
  package var watch: PolicyWatch?
  /// A script loads although not all is granted that it asks for.
  package private(set) var loadsAll = false

  /// Scripts may do nothing that could hurt.
  public static let none = granting { _, _ in [:] }

  /// Each script may do what it asks for: for folders whose scripts are trusted.
  public static let asked = PermissionPolicy(
    grantBy: { _ in nil }, { _, asked in PermissionDecision(granted: asked) })

  /// For simulations, tests and `check`, which try out scripts that nobody has granted anything: each gets what it asks for,
  /// but of the files only those in its folder.
  package static let trial = {
    var policy = PermissionPolicy(
      grantBy: { _ in nil },
      { _, asked in
        var granted = asked
        for kind in [PermissionKind.read, .write] {
          granted[kind] = asked[kind].filter { entry in
            !entry.hasPrefix("/") && !entry.split(separator: "/").contains("..")
          }
        }
        return PermissionDecision(granted: granted)
      })
    policy.loadsAll = true
    return policy
  }()

  /// A script may do what it asks for, as far as the closure grants it. The closure gets the name of the script; it is
  /// called on any thread, when a script loads and by `decidePermissionsAgain()` of a scheduler.
  public static func granting(
    _ granted: @escaping @Sendable (_ script: String, _ asked: PermissionSet) -> PermissionSet
  ) -> PermissionPolicy {
    PermissionPolicy(
      grantBy: { _ in "set Configuration.permissions of the program" },
      { PermissionDecision(granted: granted($0, $1)) })
  }

  package init(
    grantBy: @escaping @Sendable (_ script: String) -> String?,
    _ decide: @escaping @Sendable (_ script: String, _ asked: PermissionSet) -> PermissionDecision
  ) {
    self.grantBy = grantBy
    self.decide = decide
  }
}

/// What is granted to a script, and denied whatever is granted.
package struct PermissionDecision: Sendable {
  package var granted: PermissionSet
  package var denied: PermissionSet

  package init(granted: PermissionSet = [:], denied: PermissionSet = [:]) {
    self.granted = granted
    self.denied = denied
  }
}
