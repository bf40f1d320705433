import CLinux
import Glibc

/// Processes, and the machine that they are on.
package enum Processes {
  /// The number of this process.
  package static var currentID: Int32 { getpid() }

  /// Whether a process of this machine has the number. A new process may have the number of one that has ended.
  package static func exists(_ id: Int32) -> Bool { kill(id, 0) == 0 || errno == EPERM }

  /// Keeps other processes of the same user from reading the memory and the environment of this one. It leaves no core dump
  /// then, and debuggers need root. What it starts is not concerned.
  package static func forbidInspection() { _ = linux_prctl_set_dumpable(0) }

  /// The machine's name in its network; nil if the system does not tell it.
  ///
  /// Safe because the system is told the length of the array, and its last byte stays zero.
  package static var hostName: String? {
    var name = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&name, name.count - 1) == 0 else { return nil }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
