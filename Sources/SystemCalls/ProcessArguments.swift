import CLinux

/// The arguments of the process.
package enum ProcessArguments {
  /// Without the name of the program. Bytes that are not UTF-8 become U+FFFD.
  ///
  /// Safe because the system's texts live as long as the process, and are copied.
  package static var all: [String] {
    var arguments: [String] = []
    while let text = unsafe linux_argument(Int32(arguments.count + 1)) {
      arguments.append(unsafe String(cString: text))
    }
    return arguments
  }

  /// The program as its caller named it: a path, or a name that was found in `PATH`.
  package static var program: String? {
    unsafe linux_argument(0).map { unsafe String(cString: $0) }
  }

  /// The path of the program's file; nil if the system does not tell it.
  package static var programFile: String? { Paths.target(ofLink: "/proc/self/exe") }
}
