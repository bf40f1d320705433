import ModuleKit
import Permissions
import ScriptHost
import SystemCalls
import SystemIO

/// What a program of a script may reach, as rules for the kernel.
///
/// These allow, and nothing can be taken out of what they allow. So a folder becomes a list of what is in it if a part of it
/// is denied to the script, or belongs to the host: the part is left out. Into such a folder itself, nothing new can come.
struct ShellReach {
  private(set) var rules: [Confinement.Rule]
  private let call: FunctionCall
  private let grants: Grants
  private let host: HostPaths?
  private var listed = 0
  /// How many names are looked at, at most.
  private static let most = 2_000

  private static let programs = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"]
  /// What libc, and the libraries for TLS, read.
  private static let settings = [
    "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "timezone", "resolv.conf", "hosts",
    "host.conf", "nsswitch.conf", "gai.conf", "services", "protocols", "ssl", "ca-certificates",
    "pki", "gitconfig",
  ]
  private static let devices = ["null", "zero", "full", "random", "urandom"]

  /// - Parameter path: of the program.
  init(_ path: String, _ call: FunctionCall, _ files: FileService) throws(Refusal) {
    self.call = call
    grants = call.grants
    host = files.disk?.host
    rules = Self.programs.map { Confinement.Rule($0, [.read, .run]) }
    rules += Self.settings.map { Confinement.Rule("/etc/\($0)", .read) }
    rules += Self.devices.map { Confinement.Rule("/dev/\($0)", [.read, .write]) }
    rules.append(Confinement.Rule(path, [.read, .run]))
    rules += files.own(of: call.script).map { Confinement.Rule($0.path.text, [.read, .write]) }
    for root in grants.roots(.read) { try add(root, [.read, .run], .read) }
    for root in grants.roots(.write) { try add(root, .write, .write) }
  }

  var confinement: Confinement {
    Confinement(rules, ports: grants.ports?.compactMap { UInt16(exactly: $0) }.sorted())
  }

  /// A part that is left out of a root.
  private struct Exceptions {
    let root: RawPath
    let kind: PermissionKind
    let denied: [RawPath]
    /// Nil if the root is the host's itself: then it was granted by its name.
    let host: HostPaths?

    func contain(_ path: RawPath) -> Bool {
      denied.contains { path.rest(beneath: $0) != nil }
        || host?.contains(path, forWriting: kind == .write) == true
    }

    func isDeniedBeneath(_ path: RawPath) -> Bool {
      denied.contains { $0.rest(beneath: path) != nil }
    }

    func areBeneath(_ path: RawPath) -> Bool {
      isDeniedBeneath(path) || host?.areBeneath(path, forWriting: kind == .write) == true
    }
  }

  private mutating func add(
    _ root: String, _ rights: Confinement.Rights, _ kind: PermissionKind
  ) throws(Refusal) {
    let real = call.pathPins.real(of: RawPath(root))
    let denied = grants.deniedRoots(kind).map { RawPath($0) }
    let isHosts = host?.contains(real, forWriting: kind == .write) == true
    let exceptions = Exceptions(
      root: real, kind: kind, denied: denied + denied.map { call.pathPins.real(of: $0) },
      host: isHosts ? nil : host)
    try add(real, rights, exceptions)
  }

  private mutating func add(
    _ path: RawPath, _ rights: Confinement.Rights, _ exceptions: Exceptions
  ) throws(Refusal) {
    if exceptions.contain(path) { return }
    let isFolder = FileStatus(of: path.text, followingLinks: false)?.kind == .folder
    guard isFolder, exceptions.areBeneath(path) else {
      rules.append(Confinement.Rule(path.text, rights))
      return
    }
    // The names of the host's own files are no secret, and many programs list the folder that they work in.
    if rights.contains(.read), !exceptions.isDeniedBeneath(path) {
      rules.append(Confinement.Rule(path.text, .list))
    }
    for name in try names(in: path, exceptions) {
      let next = path.appending(name)
      // What a link leads to counts where it is.
      if FileStatus(of: next.text, followingLinks: false)?.kind == .link { continue }
      try add(next, rights, exceptions)
    }
  }

  private mutating func names(
    in path: RawPath, _ exceptions: Exceptions
  ) throws(Refusal) -> [String] {
    let names: [String]
    do throws(SystemCallError) {
      names = try FolderEntries.names(in: path.text)
    } catch {
      return []  // what cannot be listed is left out
    }
    listed += names.count
    guard listed <= Self.most else {
      throw Refusal(
        "a part of \(exceptions.root.text) is denied to this script, and it has too many names for the kernel to leave that part out: ask for the folders in it that programs need",
        code: "denied")
    }
    return names
  }
}
