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
}
