import Glibc

/// Makes, changes and removes names in the file system.
///
/// Safe because each text outlives the call that it is passed to.
package enum FileNames {
  /// Makes one folder, with the rights that the process's mask leaves (`mkdir`).
  package static func makeFolder(_ path: String) throws(SystemCallError) {
    guard unsafe mkdir(path, 0o777) == 0 else { throw SystemCallError(call: "mkdir") }
  }

  /// Gives a file another name; replaces the file that has the name already.
  package static func rename(_ old: String, to new: String) throws(SystemCallError) {
    guard unsafe Glibc.rename(old, new) == 0 else { throw SystemCallError(call: "rename") }
  }

  /// Gives a file a second name (a hard link); fails if something has that name already.
  package static func link(_ path: String, as new: String) throws(SystemCallError) {
    guard unsafe Glibc.link(path, new) == 0 else { throw SystemCallError(call: "link") }
  }

  /// Removes a name; the file goes with its last name and its last descriptor. Returns whether it did.
  @discardableResult
  package static func remove(_ path: String) -> Bool { unsafe unlink(path) == 0 }

  /// Removes a folder if it is empty. Returns whether it did.
  @discardableResult
  package static func removeFolder(_ path: String) -> Bool { unsafe rmdir(path) == 0 }

  /// Whether the process may execute the file, or search the folder (`access`).
  package static func isExecutable(_ path: String) -> Bool { unsafe access(path, X_OK) == 0 }

  /// Fails unless the process may read the file or folder (`access`).
  package static func checkReadable(_ path: String) throws(SystemCallError) {
    guard unsafe access(path, R_OK) == 0 else { throw SystemCallError(call: "access") }
  }
}
