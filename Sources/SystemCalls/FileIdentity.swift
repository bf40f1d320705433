/// Tells one file from another, whatever their paths are. The system may reuse it once a file is removed and closed.
package struct FileIdentity: Sendable, Hashable {
  package let device: UInt64
  package let inode: UInt64
}
