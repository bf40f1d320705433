import Glibc
import MoonwheelModel
import ScriptHost
import Synchronization
import SystemCalls

/// Where the data and the temporary folders of scripts are:
///
///     FILES/data/hello.lua/              fs.data of hello.lua
///     FILES/tmp/LIFE/hello.lua/1/        the first folder that its runs got in this life of the host
///
/// A life has a name of its own, and a lock on its folder. At a start, the folders of lives whose lock nobody has are
/// removed: they were left by a host that was killed. A host that keeps nothing has its data in the folder of its life.
final class ScriptFolders: Sendable {
  private struct State {
    var data: [String: OwnFolder] = [:]
    var temporary: [String: OwnFolder] = [:]
    var number = 0
  }

  private final class Life: Sendable {
    let folder: Descriptor
    init(_ folder: consuming Descriptor) { self.folder = folder }

    /// False once somebody has removed the folder.
    var isThere: Bool {
      do { return try folder.status().names > 0 } catch { return false }
    }
  }

  /// How old a folder is at least that a host has begun to make, when another one takes it for one that was left.
  private static let youth: Int64 = 60_000_000_000
  static let dataBound: Int64 = 100 << 20
  static let temporaryBound: Int64 = 1 << 30

  /// Absolute, without links as far as it is there.
  private let base: RawPath
  private let life: RawPath
  private let isLasting: Bool
  private let state = Mutex(State())
  /// The lock of the folder of this life; nil until there is one.
  private let lock = Mutex<Life?>(nil)

  /// - Parameter path: where they are kept; nil to keep nothing.
  init(_ path: String?) {
    isLasting = path != nil
    base = PathPins().real(of: RawPath(path.map(Paths.absolute) ?? Self.shared))
    life = base.appending(
      "tmp/\(Processes.currentID)-" + String(UInt64.random(in: 0 ... .max), radix: 36))
  }

  /// Of a simulation, which has no such folders on the disk.
  init(virtual path: String) {
    isLasting = false
    base = RawPath(path)
    life = base
  }

  /// Where they are if nothing is kept.
  static var shared: String {
    let folder = Environment.value(of: "TMPDIR") ?? ""
    return (folder.hasPrefix("/") ? folder : "/tmp") + "/moonwheel-\(geteuid())"
  }

  /// The name of a script as that of one folder, as in `reports%2Fdaily.lua`.
  static func name(of script: String) -> String {
    var name: [UInt8] = []
    for byte in script.utf8 {
      let isKept = byte > 0x20 && byte != UInt8(ascii: "%") && byte != UInt8(ascii: "/")
      guard !isKept || name.isEmpty && byte == UInt8(ascii: ".") else {
        name.append(byte)
        continue
      }
      name += "%".utf8
      name += (byte < 16 ? "0" : "").utf8
      name += String(byte, radix: 16, uppercase: true).utf8
    }
    guard name.count > 200 else { return String(decoding: name, as: UTF8.self) }
    let hash = SourceHash(of: Array(script.utf8)).bytes
    return hash.reduce(into: "%") { $0 += ($1 < 16 ? "0" : "") + String($1, radix: 16) }
  }

  func data(of script: String) -> OwnFolder {
    state.withLock { state in
      if let known = state.data[script] { return known }
      let path = (isLasting ? base : life).appending("data").appending(Self.name(of: script))
      let folder = OwnFolder(path, name: "fs.data", bound: Self.dataBound)
      state.data[script] = folder
      return folder
    }
  }

  /// The temporary folders of a script.
  func temporary(of script: String) -> OwnFolder {
    state.withLock { state in
      if let known = state.temporary[script] { return known }
      let path = life.appending("tmp").appending(Self.name(of: script))
      let folder = OwnFolder(path, name: "fs.tmp", bound: Self.temporaryBound, used: 0)
      state.temporary[script] = folder
      return folder
    }
  }

  /// A path for a new temporary folder.
  func newTemporary(of script: String) -> RawPath {
    let number = state.withLock { state in
      state.number += 1
      return state.number
    }
    return temporary(of: script).path.appending("\(number)")
  }

  // MARK: On the disk

  /// Makes a folder of a script if it is not there. Blocks.
  func prepare(_ folder: OwnFolder) throws(FileFailure) {
    if folder.path.rest(beneath: life) != nil { try begin() }
    try Self.make(folder.path)
  }

  static func make(_ path: RawPath) throws(FileFailure) {
    do {
      _ = try Descriptor.open(linkless: path, for: .place)
      return
    } catch {
      guard error.code == ENOENT else { throw FileFailure(error) }
    }
    let (folder, name) = path.split
    try make(folder)
    do {
      try Descriptor.open(linkless: folder, for: .place).makeFolder(name, mode: 0o700)
    } catch {
      guard error.isTaken else { throw FileFailure(error) }
    }
  }

  /// Makes the folder of this life, and locks it. Under a name that no other host looks at, until it is locked.
  private func begin() throws(FileFailure) {
    // Held while it works, on purpose: whoever else needs the folder must wait for it.
    try lock.withLock { (held) throws(FileFailure) in
      if let held, held.isThere { return }
      if !isLasting { try checkShared() }
      let (tmp, name) = life.split
      try Self.make(tmp)
      let draft = RawPath(".").appended(name)
      try Self.make(tmp.appending(draft))
      held = try DiskFiles.calling { () throws(SystemCallError) in
        let folder = try Descriptor.open(linkless: tmp.appending(draft), for: .listing)
        guard try folder.tryLock() else { throw SystemCallError(call: "flock", code: EAGAIN) }
        try Descriptor.open(linkless: tmp, for: .place).rename(
          draft, to: Descriptor.open(linkless: tmp, for: .place), as: name)
        return Life(folder)
      }
    }
  }

  /// A folder that everybody can make must be ours alone.
  private func checkShared() throws(FileFailure) {
    try Self.make(base)
    let status: FileStatus
    do { status = try Descriptor.open(linkless: base, for: .place).status() } catch {
      throw FileFailure(error)
    }
    guard status.owner == geteuid(), status.mode & 0o077 == 0 else {
      throw .refused(.io, "\(base.text) belongs to somebody else, or is open to others")
    }
  }

  /// Whether there are folders of hosts, which live or were killed.
  var hasLives: Bool {
    do {
      let folder = try Descriptor.open(linkless: base.appending("tmp"), for: .listing)
      return try !folder.names(atMost: 0).isEmpty
    } catch {
      return false  // there is none, or it cannot be read
    }
  }

  /// Removes what hosts have left that were killed. Blocks.
  func sweep() {
    let tmp = base.appending("tmp")
    do {
      let folder = try Descriptor.open(linkless: tmp, for: .listing)
      for name in try folder.names(atMost: 10_000) {
        let path = tmp.appending(name)
        guard path != life else { continue }
        let left = try folder.open(beneath: name, for: .listing, following: .none)
        let age = Clocks.wall() - (try left.status().version.modified)
        if name.bytes.first == UInt8(ascii: "."), age < Self.youth { continue }
        if try left.tryLock() { DiskFiles.removeTree(path) }
      }
    } catch {
      return  // there is none, or it cannot be read: then nothing can be removed
    }
  }

  /// Removes what this life has left, until a time of the monotonic clock; the next host removes the rest. Blocks.
  func end(until deadline: Int64) {
    lock.withLock { held in
      guard held != nil else { return }
      DiskFiles.removeTree(life) { Clocks.monotonic() < deadline }
      held = nil
    }
  }

  /// A script takes over the data of one that is not there any more.
  func rename(_ old: String, to new: String) {
    guard isLasting else { return }
    let (from, to) = (data(of: old).path, data(of: new).path)
    do {
      let folder = try Descriptor.open(linkless: from.split.folder, for: .place)
      guard FileStatus(of: to.text, followingLinks: false) == nil else { return }
      try folder.rename(from.split.name, to: folder, as: to.split.name)
    } catch {
      return  // it had none
    }
  }
}
