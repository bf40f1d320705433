import CLinux
import Glibc

/// Opens that links cannot lead astray, since the kernel itself follows them (`openat2`, Linux 5.6).
///
/// Safe because each path outlives the call that it is passed to.
extension Descriptor {
  /// Which links an open follows.
  package enum Links {
    /// Those that stay beneath the folder; none of `/proc` that lead to what a process has open.
    case beneath
    /// None: a link anywhere in the path is refused.
    case none
  }

  package enum Purpose {
    /// To ask about it, or to open what is beneath it; its content cannot be read.
    case place
    case read
    case listing
    /// Makes the file with these rights, less the process's mask, if it is missing.
    case append(mode: UInt32)
    /// A new file, which must not be there.
    case create(mode: UInt32)
    /// A file without a name in this folder.
    case unnamed(mode: UInt32)

    fileprivate var flags: (Int32, mode: UInt32) {
      switch self {
      case .place: (linux_o_path(), 0)
      case .read: (O_RDONLY | O_NONBLOCK | O_NOCTTY, 0)
      case .listing: (O_RDONLY | O_DIRECTORY, 0)
      case .append(let mode): (O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY, mode)
      case .create(let mode): (O_WRONLY | O_CREAT | O_EXCL, mode)
      case .unnamed(let mode): (O_WRONLY | linux_o_unnamed(), mode)
      }
    }
  }

  /// Opens an absolute path in which there are no links.
  package static func open(
    linkless path: RawPath, for purpose: Purpose
  ) throws(SystemCallError) -> Descriptor {
    try open2(AT_FDCWD, path, purpose, resolve: LINUX_RESOLVE_NO_SYMLINKS)
  }

  /// Opens what is beneath this folder at a relative path; the folder itself if the path is empty.
  ///
  /// Throws `EXDEV` if the path leads out of the folder, by `..`, a link, or a link that begins with `/`.
  package func open(
    beneath path: RawPath, for purpose: Purpose, following links: Links = .beneath
  ) throws(SystemCallError) -> Descriptor {
    let resolve =
      LINUX_RESOLVE_BENEATH
      | (links == .none ? LINUX_RESOLVE_NO_SYMLINKS : 0)
    return try Self.open2(number, path.isEmpty ? RawPath(".") : path, purpose, resolve: resolve)
  }

  /// How often an open is tried again of which the kernel cannot say whether it stayed beneath its folder, since somebody
  /// renames folders meanwhile.
  private static let attempts = 1_000

  private static func open2(
    _ folder: Int32, _ path: RawPath, _ purpose: Purpose, resolve: Int
  ) throws(SystemCallError) -> Descriptor {
    let (flags, mode) = purpose.flags
    let resolve = UInt64(resolve | LINUX_RESOLVE_NO_MAGICLINKS)
    var code: Int32 = EAGAIN
    for _ in 0..<attempts {
      let opened = unsafe path.withText { text in
        unsafe linux_openat2(folder, text, UInt64(flags | O_CLOEXEC), UInt64(mode), resolve)
      }
      if opened >= 0 { return try Descriptor(opened, of: "openat2") }
      code = errno
      guard code == EAGAIN || code == EINTR else { break }
    }
    throw SystemCallError(call: "openat2", code: code)
  }

  /// Whether the kernel has `openat2`, and lets the process use it.
  package static let opensBeneath: Bool = {
    do throws(SystemCallError) {
      _ = try open(linkless: .root, for: .place)
      return true
    } catch {
      return ![ENOSYS, EPERM].contains(error.code)
    }
  }()

  /// The path of the open file, as the system knows it now; nil without `/proc`.
  package var path: RawPath? {
    var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe bytes.withUnsafeMutableBytes { buffer in
      guard let start = buffer.baseAddress else { return 0 }
      return unsafe readlink(
        "/proc/self/fd/\(number)", start.assumingMemoryBound(to: CChar.self), buffer.count)
    }
    return count > 0 ? RawPath(bytes.prefix(count)) : nil
  }

  /// Whether the open file is one of the kernel's own, such as those in `/proc` and `/sys`.
  package var isOfKernel: Bool {
    Self.kernelFileSystems.contains(linux_file_system(number))
  }

  /// Of proc, sysfs, cgroup, cgroup2, debugfs, tracefs, securityfs, bpf, devpts, mqueue, binfmt, configfs, pstore.
  private static let kernelFileSystems: Set<UInt32> = [
    0x9fa0, 0x6265_6572, 0x0027_e0eb, 0x6367_7270, 0x6462_6720, 0x7472_6163, 0x7363_6673,
    0xcafe_4a11, 0x1cd1, 0x1980_0202, 0x4249_4e4d, 0x6265_6570, 0x6165_676c,
  ]
}
