import COutside
import SystemCalls

/// What a program, and all that it starts, may reach: the kernel's Landlock holds it to that. It also loses the rights of
/// set-user-ID programs.
package struct Confinement: Sendable, Hashable {
  package struct Rights: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let read = Rights(rawValue: OUTSIDE_READ.rawValue)
    /// To write, make, rename and remove; without ``read``, not to read.
    package static let write = Rights(rawValue: OUTSIDE_WRITE.rawValue)
    /// To read the names in folders, and nothing else.
    package static let list = Rights(rawValue: OUTSIDE_LIST.rawValue)
    /// To execute files.
    package static let run = Rights(rawValue: OUTSIDE_RUN.rawValue)
  }

  package struct Rule: Sendable, Hashable {
    /// A file, or a folder with all that is in it. One that does not exist at the start of a program is left out.
    package var path: String
    package var rights: Rights

    package init(_ path: String, _ rights: Rights) {
      self.path = path
      self.rights = rights
    }
  }

  package var rules: [Rule]
  /// The ports to which it may connect by TCP; nil sets no limit on TCP. With a list it cannot wait for connections.
  /// Kernels before 6.7 do not limit it.
  package var ports: [UInt16]?

  package init(_ rules: [Rule], ports: [UInt16]?) {
    self.rules = rules
    self.ports = ports
  }

  /// The version of Landlock in the kernel; 0 if it has none, and then a program with a confinement does not start.
  package static var version: Int { Int(outside_landlock_version()) }

  /// What the kernel needs for one start.
  ///
  /// Safe because all texts and arrays outlive the call, and are passed with their length.
  func ruleset() throws(SystemCallError) -> Descriptor {
    let texts = CTexts(rules.map { Array($0.path.utf8) })
    let given = unsafe zip(rules, texts.pointers).map { rule, path in
      unsafe outside_rule(path: path, rights: rule.rights.rawValue)
    }
    let number = unsafe outside_ruleset(
      given, Int32(given.count), ports ?? [], Int32(ports?.count ?? 0), ports == nil)
    withExtendedLifetime(texts) {}
    return try Descriptor(number, of: "landlock_create_ruleset")
  }
}
