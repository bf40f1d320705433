/// Tells one content of a file from another without reading it.
package struct FileVersion: Sendable, Hashable {
  package var device: UInt64
  package var inode: UInt64
  package var size: Int64
  /// Nanoseconds since 1970. The kernel counts file times in steps of a few milliseconds.
  package var modified: Int64
  /// Like `modified`, but no program can set it back.
  package var changed: Int64

  package init(device: UInt64, inode: UInt64, size: Int64, modified: Int64, changed: Int64) {
    self.device = device
    self.inode = inode
    self.size = size
    self.modified = modified
    self.changed = changed
  }

  package func isSameFile(as other: FileVersion) -> Bool {
    device == other.device && inode == other.inode
  }
}
