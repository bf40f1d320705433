/// Tells one content of a file from another without reading it.
package struct FileVersion: Sendable, Hashable {
  package let identity: FileIdentity
  package let size: Int64
  /// Nanoseconds since 1970. The kernel counts file times in steps of a few milliseconds.
  package let modified: Int64
  /// Like `modified`, but no program can set it back.
  package let changed: Int64
}
