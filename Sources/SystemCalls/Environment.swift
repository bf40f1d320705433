import CLinux
import Glibc

/// The environment of the process.
package enum Environment {
  /// A variable's value; nil if it is not set.
  ///
  /// Safe because the text is copied before the return. Nothing in this program changes the environment but ``take(beginningWith:)``,
  /// which comes first.
  @Sendable package static func value(of name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }

  /// Removes the variables whose names begin with a text, and overwrites them where the system shows them to other processes
  /// (`/proc/PID/environ`). Call it while the process has one thread.
  ///
  /// Safe because the text is a copy that is freed here, after it was copied once more.
  package static func take(beginningWith prefix: String) -> [(name: String, value: [UInt8])] {
    var taken: [(name: String, value: [UInt8])] = []
    while let entry = unsafe linux_take_variable(prefix) {
      let bytes = unsafe Array(UnsafeBufferPointer(start: entry, count: strlen(entry)))
        .map { UInt8(bitPattern: $0) }
      unsafe free(entry)
      let name = bytes.prefix { $0 != UInt8(ascii: "=") }
      taken.append((String(decoding: name, as: UTF8.self), Array(bytes.dropFirst(name.count + 1))))
    }
    return taken
  }
}
