import Glibc
import SystemCalls

extension DiskFiles {
  private static let depthLimit = 128
  /// Fewer, since the folders of scripts lie in others that are removed, too.
  private static let makeLimit = 100
  private static let tooDeep = FileFailure.refused(
    .io, "its folders are nested deeper than \(depthLimit)")

  func makeFolder(_ place: FilePlace) throws(FileFailure) {
    try place.located(host) { (located) throws(FileFailure) in try Self.make(located) }
  }

  private static func make(_ located: Located) throws(FileFailure) {
    // Nothing deeper could be removed again; and each level is a call on the stack.
    guard located.root.rest.depth < makeLimit else { throw tooDeep }
    do throws(FileFailure) {
      let entry = try located.entry()
      try located.root.own?.grow(from: nil, to: 0) { () throws(FileFailure) in
        try measure(located)
      }
      try calling { () throws(SystemCallError) in try entry.folder.makeFolder(entry.name) }
    } catch {
      switch error {
      case .refused(.exists, _), .refused(.isDir, _):
        let opened = try located.open(.place)
        let status = try calling { () throws(SystemCallError) in try opened.status() }
        guard status.kind == .folder else {
          throw .refused(.exists, "something else has this name")
        }
      case .refused(.missing, _) where !located.root.rest.isEmpty:
        try make(located.parent)
        try make(located)
      case .denied, .refused, .unwanted: throw error
      }
    }
  }

  func remove(
    _ place: FilePlace, recursive: Bool, _ isWanted: @escaping @Sendable () -> Bool
  ) throws(FileFailure) {
    try place.located(host) { (located) throws(FileFailure) in
      let entry = try located.entry()
      let status = try Self.calling { () throws(SystemCallError) in
        try entry.folder.status(of: entry.name)
      }
      if status.kind == .folder, recursive {
        defer { located.root.own?.forget() }
        try Self.empty(
          entry.name, in: entry.folder, entry.path, depth: 0,
          Check(located: located, isWanted: isWanted))
      } else if status.kind != .folder, status.names == 1 {
        located.root.own?.shrink(by: status.version.size)
      }
      try Self.calling { () throws(SystemCallError) in
        try entry.folder.remove(entry.name, isFolder: status.kind == .folder)
      }
    }
  }

  private struct Check {
    let located: Located?
    let isWanted: () -> Bool
  }

  /// Removes all that is in a folder, without following a link.
  private static func empty(
    _ name: RawPath, in parent: borrowing Descriptor, _ path: RawPath, depth: Int, _ check: Check
  ) throws(FileFailure) {
    guard depth < depthLimit else { throw tooDeep }
    let folder = try calling { () throws(SystemCallError) in
      try parent.open(beneath: name, for: .listing, following: .none)
    }
    while true {
      let names = try calling { () throws(SystemCallError) in try folder.names(atMost: 1_000) }
      if names.isEmpty { return }
      for name in names {
        guard check.isWanted() else { throw .unwanted }
        let path = path.appending(name)
        try check.located?.check(path)
        do throws(SystemCallError) {
          try folder.remove(name, isFolder: false)
        } catch {
          guard [EISDIR, EPERM].contains(error.code) else {
            guard error.code == ENOENT else { throw FileFailure(error) }
            continue
          }
          try empty(name, in: folder, path, depth: depth + 1, check)
          try calling { () throws(SystemCallError) in try folder.remove(name, isFolder: true) }
        }
      }
    }
  }

  /// Removes a folder of the host's own with all that is in it, as far as that is possible.
  static func removeTree(_ path: RawPath, while goesOn: @escaping () -> Bool = { true }) {
    let (parent, name) = path.split
    do {
      let folder = try Descriptor.open(linkless: parent, for: .place)
      try empty(name, in: folder, path, depth: 0, Check(located: nil, isWanted: goesOn))
      try folder.remove(name, isFolder: true)
    } catch {
      return  // it is gone, or is left for the next start
    }
  }

  func rename(_ old: FilePlace, to new: FilePlace) throws(FileFailure) {
    try Self.names.withLock { (_) throws(FileFailure) in try move(old, to: new) }
  }

  private func move(_ old: FilePlace, to new: FilePlace) throws(FileFailure) {
    try old.located(host) { (source) throws(FileFailure) in
      try new.located(host) { (target) throws(FileFailure) in
        let from = try source.entry()
        let to = try target.entry()
        let status = try Self.calling { () throws(SystemCallError) in
          try from.folder.status(of: from.name)
        }
        if status.kind == .folder { try checkFolder(from.path, to.path, source) }
        if source.root.own !== target.root.own {
          try target.root.own?.grow(from: nil, to: status.version.size) {
            () throws(FileFailure) in try Self.measure(target)
          }
        }
        do throws(SystemCallError) {
          try from.folder.rename(from.name, to: to.folder, as: to.name)
        } catch {
          guard error.code == EXDEV else { throw FileFailure(error) }
          throw .refused(.io, "both must be on one file system; fs.copy copies")
        }
        source.root.own?.forget()
        target.root.own?.forget()
      }
    }
  }

  /// Scripts and what belongs to the host do not move with a folder around them.
  private func checkFolder(
    _ old: RawPath, _ new: RawPath, _ source: Located
  ) throws(FileFailure) {
    guard source.root.own == nil else { return }
    guard !host.holdsScripts(old), !host.holdsScripts(new) else { throw .denied(.write) }
    _ = try Self.size(of: source) { (path) throws(FileFailure) in
      let rest = path.rest(beneath: old) ?? path
      try source.check(path)
      if host.contains(new.appending(rest), forWriting: true) { throw .denied(.write) }
    }
  }

  /// What is in the own folder that a place is in, in bytes as they are counted.
  static func measure(_ located: Located) throws(FileFailure) -> Int64 {
    var whole = located.root
    whole.rest = .empty
    return try size(of: Located(located.place, whole, located.host)) { _ in }
  }

  /// Adds up all that is beneath a folder; calls `visit` with the path of each name.
  private static func size(
    of located: Located, _ visit: (RawPath) throws(FileFailure) -> Void
  ) throws(FileFailure) -> Int64 {
    let folder = try located.open(.listing)
    guard let path = folder.path else { return 0 }
    return try size(of: folder, path, depth: 0, visit)
  }

  private static func size(
    of folder: borrowing Descriptor, _ path: RawPath, depth: Int,
    _ visit: (RawPath) throws(FileFailure) -> Void
  ) throws(FileFailure) -> Int64 {
    guard depth < depthLimit else { throw tooDeep }
    var sum: Int64 = 0
    let names: [RawPath]
    do { names = try folder.names(atMost: 1_000_000) } catch { throw FileFailure(error) }
    for name in names {
      let path = path.appending(name)
      try visit(path)
      do throws(SystemCallError) {
        let status = try folder.status(of: name)
        sum += OwnFolder.blocks(status.kind == .folder ? 0 : status.version.size)
        guard status.kind == .folder else { continue }
      } catch {
        continue  // it has just gone
      }
      let child: Descriptor
      do throws(SystemCallError) {
        child = try folder.open(beneath: name, for: .listing, following: .none)
      } catch {
        continue
      }
      sum += try size(of: child, path, depth: depth + 1, visit)
    }
    return sum
  }
}

extension Located {
  /// The folder of the place.
  fileprivate var parent: Located {
    var folder = root
    folder.rest = root.rest.split.folder
    return Located(place, folder, host)
  }
}
