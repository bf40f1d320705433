import Glibc
import ModuleKit
import SystemCalls

/// A place under one of its roots: opens what is there so that it cannot lead elsewhere.
struct Located {
  let place: FilePlace
  let root: FileRoot
  let host: HostPaths
  /// Of the root, without links.
  let real: RawPath

  init(_ place: FilePlace, _ root: FileRoot, _ host: HostPaths) {
    self.place = place
    self.root = root
    self.host = host
    real = root.own == nil ? place.pins.real(of: root.path) : root.path
  }

  /// Opens the place itself.
  func open(
    _ purpose: Descriptor.Purpose, following links: Descriptor.Links = .beneath
  ) throws(FileFailure) -> Descriptor {
    // Its links that lead to what a process has open fail in other ways.
    if root.own == nil, Self.isOfKernel(place.path), try !rootIsOfKernel() {
      throw .denied(place.kind)
    }
    let opened = try open(root.rest, purpose, following: links)
    try check(opened, opened.path)
    return opened
  }

  /// Opens something beneath the root, unchecked.
  private func open(
    _ rest: RawPath, _ purpose: Descriptor.Purpose, following links: Descriptor.Links
  ) throws(FileFailure) -> Descriptor {
    guard !rest.isEmpty else { return try openLinkless(real, purpose) }
    let base = try openLinkless(real, .place)
    do {
      return try base.open(beneath: rest, for: purpose, following: links)
    } catch {
      guard error.code == EXDEV else { throw failure(error, links) }
      return try openByTarget(rest, base, purpose)
    }
  }

  private func openLinkless(
    _ path: RawPath, _ purpose: Descriptor.Purpose
  ) throws(FileFailure) -> Descriptor {
    do {
      return try Descriptor.open(linkless: path, for: purpose)
    } catch {
      throw failure(error, .none)
    }
  }

  private func failure(_ error: SystemCallError, _ links: Descriptor.Links) -> FileFailure {
    if error.code == EXDEV || error.code == ELOOP && links == .none { return .denied(place.kind) }
    if error.code == ENOSYS || error.code == EPERM && !Descriptor.opensBeneath {
      return .refused(
        .io,
        "this kernel, or what confines the process, has no openat2 (Linux 5.6); without it no file is opened"
      )
    }
    return FileFailure(error)
  }

  /// The kernel refuses a link whose text begins with a slash, even one that leads back here. Where such links lead is
  /// looked up, and opened once more without following any.
  private func openByTarget(
    _ rest: RawPath, _ base: borrowing Descriptor, _ purpose: Descriptor.Purpose
  ) throws(FileFailure) -> Descriptor {
    guard let target = Paths.resolved(real.appending(rest).text).map({ RawPath($0) }),
      let rest = target.rest(beneath: real), !rest.isEmpty
    else { throw .denied(place.kind) }
    do {
      return try base.open(beneath: rest, for: purpose, following: .none)
    } catch {
      throw failure(error, .none)
    }
  }

  // MARK: Names in a folder

  /// The folder of a name, for what changes names.
  struct Entry: ~Copyable {
    let folder: Descriptor
    let name: RawPath
    /// Absolute, without links but perhaps that of the name itself.
    let path: RawPath
  }

  /// The folder of the place, and its name there. A link of this name is not followed.
  func entry() throws(FileFailure) -> Entry {
    let isRoot = root.rest.isEmpty
    let (folder, name) = isRoot ? real.split : root.rest.split
    guard !name.isEmpty else { throw .isFolder }
    let opened = try openFolder(isRoot ? nil : folder)
    guard let path = opened.path?.appending(name) else { throw Self.unknown }
    try check(opened, path)
    return Entry(folder: opened, name: name, path: path)
  }

  /// The folder around the root, or one beneath it.
  private func openFolder(_ rest: RawPath?) throws(FileFailure) -> Descriptor {
    do throws(FileFailure) {
      guard let rest else { return try openLinkless(real.split.folder, .place) }
      return try open(rest, .place, following: .beneath)
    } catch {
      throw error.isMissing ? .noParent : error
    }
  }

  /// As ``open(_:following:)``, with a better reason where the folder of a new file is missing.
  func openOrNoParent(_ purpose: Descriptor.Purpose) throws(FileFailure) -> Descriptor {
    do throws(FileFailure) {
      return try open(purpose)
    } catch {
      throw error.isMissing ? .noParent : error
    }
  }

  /// As ``entry()``, but of the file that a link of this name leads to.
  func target() throws(FileFailure) -> Entry {
    let entry = try entry()
    let status: FileStatus
    do { status = try entry.folder.status(of: entry.name) } catch { return entry }
    guard status.kind == .link else { return entry }
    let path: RawPath?
    do throws(FileFailure) {
      path = try open(.place).path
    } catch {
      guard error.isMissing else { throw error }
      return entry  // the link leads nowhere: it is replaced
    }
    guard let path else { throw Self.unknown }
    guard let rest = path.rest(beneath: real), !rest.isEmpty else { throw .denied(place.kind) }
    let (folder, name) = rest.split
    let opened = try open(folder, .place, following: .none)
    try check(opened, path)
    return Entry(folder: opened, name: name, path: path)
  }

  // MARK: Where it leads

  private static let unknown = FileFailure.refused(
    .io, "/proc is not mounted, so it cannot be told where this leads")

  private static let kernelFolders = ["/proc", "/sys", "/dev"].map { RawPath($0) }

  private static func isOfKernel(_ path: RawPath) -> Bool {
    kernelFolders.contains { path.rest(beneath: $0) != nil }
  }

  /// Throws if what was opened, or is to be made at this path, is refused although it is beneath the root.
  func check(_ opened: borrowing Descriptor, _ path: RawPath?) throws(FileFailure) {
    guard let path else { throw Self.unknown }
    guard root.own == nil else { return }
    if Self.isOfKernel(path) || opened.isOfKernel, try !rootIsOfKernel() {
      throw .denied(place.kind)
    }
    try check(path)
  }

  /// As ``check(_:_:)``, for a path that was reached without links.
  func check(_ path: RawPath) throws(FileFailure) {
    guard root.own == nil else { return }
    let writes = place.kind == .write
    let isHosts =
      host.contains(path, forWriting: writes) && !host.contains(real, forWriting: writes)
    if isHosts || place.isDenied(path) { throw .denied(place.kind) }
  }

  private func rootIsOfKernel() throws(FileFailure) -> Bool {
    if Self.isOfKernel(real) { return true }
    return try openLinkless(real, .place).isOfKernel
  }
}

extension FilePlace {
  /// Calls the body with each root in turn, from the widest on, until one does not deny it.
  func located<R: ~Copyable>(
    _ host: HostPaths, _ body: (Located) throws(FileFailure) -> R
  ) throws(FileFailure) -> R {
    for root in roots.dropLast() {
      do {
        return try body(Located(self, root, host))
      } catch {
        guard error.isDenied else { throw error }
      }
    }
    guard let last = roots.last else { throw .denied(kind) }
    return try body(Located(self, last, host))
  }
}
