import Permissions

/// Who decides what scripts may do beyond what cannot hurt: compute, wait, log, use events, and keep data of their own.
public struct PermissionPolicy: Sendable {
  let decide: @Sendable (_ script: String, _ asked: PermissionSet) -> PermissionDecision

  /// Scripts may do nothing that could hurt.
  public static let none = PermissionPolicy { _, _ in PermissionDecision() }

  /// Each script may do what it asks for: for folders whose scripts are trusted.
  public static let asked = PermissionPolicy { _, asked in PermissionDecision(granted: asked) }

  /// A script may do what it asks for, as far as the closure grants it. The closure gets the name of the script, and is
  /// called on any thread.
  public static func granting(
    _ granted: @escaping @Sendable (_ script: String, _ asked: PermissionSet) -> PermissionSet
  ) -> PermissionPolicy {
    PermissionPolicy { PermissionDecision(granted: granted($0, $1)) }
  }

  package init(
    _ decide: @escaping @Sendable (_ script: String, _ asked: PermissionSet) -> PermissionDecision
  ) {
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
