/// What a permission is about. The raw value is the key in the `permissions` of a script and in a policy.
public enum PermissionKind: String, Sendable, CaseIterable {
  /// Connect to hosts.
  case net
  /// Read files and folders.
  case read
  /// Write files and folders, which implies that they may be read.
  case write
  /// Start programs.
  case run
  /// Read variables of the host's environment.
  case env
  /// Get secrets.
  case secret
  /// Send mail to addresses.
  case mail
  /// Use keys of the store that all scripts share.
  case kv
  /// Connect to sockets in the file system.
  case unix
  /// Send tasks to the queues of other scripts.
  case send
  /// Connect to hosts without checking who they are.
  case insecure
}
