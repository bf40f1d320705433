import Glibc

/// The user that the process runs as.
package enum Accounts {
  package static var isRoot: Bool { geteuid() == 0 }

  /// The number of the user.
  package static var current: UInt32 { geteuid() }

  /// The user's name, or the number if the system knows no name.
  ///
  /// Safe because the system is told the length of the array that the answer points into, and the name is copied.
  package static var currentUser: String {
    let number = geteuid()
    var entry = unsafe passwd()
    var result: UnsafeMutablePointer<passwd>?
    var texts = [CChar](repeating: 0, count: 16_384)
    let code = unsafe getpwuid_r(number, &entry, &texts, texts.count, &result)
    guard code == 0, unsafe result != nil, let name = unsafe entry.pw_name else {
      return "\(number)"
    }
    return unsafe String(cString: name)
  }
}
