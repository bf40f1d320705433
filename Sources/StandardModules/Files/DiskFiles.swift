import Glibc
import Synchronization
import SystemCalls

/// The files on the disk.
struct DiskFiles: FileBackend {
  let host: HostPaths

  /// Held while a file or folder gets a name. Else a folder could move, between the look where a new name would be and its
  /// making, to where the name is not allowed.
  static let names = Mutex<Void>(())

  func read(_ place: FilePlace, _ limit: ReadLimit) throws(FileFailure) -> [UInt8] {
    let file = try openFile(place)
    let size = try Self.calling { () throws(SystemCallError) in try file.status() }.version.size
    guard size <= limit.bytes else { throw .tooLarge(limit.bytes, limit.remedy) }
    guard limit.hasRoom(Int(size)) else {
      throw .refused(.tooLarge, "the script has no memory left for its \(size) bytes")
    }
    var bytes: [UInt8] = []
    while bytes.count <= limit.bytes {
      let wanted = bytes.isEmpty ? Int(size) + 1 : 65_536
      let piece = try Self.calling { () throws(SystemCallError) in try file.read(atMost: wanted) }
      if piece.isEmpty { return bytes }
      if bytes.isEmpty { bytes = piece } else { bytes += piece }
    }
    throw .tooLarge(limit.bytes, limit.remedy)
  }

  /// Opens a regular file. What else has the name is looked at, and not opened: opening a device can have effects.
  func openFile(_ place: FilePlace) throws(FileFailure) -> Descriptor {
    try place.located(host) { (located) throws(FileFailure) in
      try Self.checkRegular(try located.open(.place))
      let file = try located.open(.read)
      try Self.checkRegular(file)
      return file
    }
  }

  static func checkRegular(_ file: borrowing Descriptor) throws(FileFailure) {
    let kind: FileStatus.Kind
    do { kind = try file.status().kind } catch { throw FileFailure(error) }
    switch kind {
    case .file: return
    case .folder: throw .isFolder
    case .link, .other: throw .irregular
    }
  }

  static func calling<R: ~Copyable>(
    _ body: () throws(SystemCallError) -> R
  ) throws(FileFailure) -> R {
    do { return try body() } catch { throw FileFailure(error) }
  }

  func names(in place: FilePlace, atMost limit: Int) throws(FileFailure) -> [RawPath] {
    let folder = try place.located(host) { (located) throws(FileFailure) in
      try located.open(.listing)
    }
    return try Self.calling { () throws(SystemCallError) in try folder.names(atMost: limit) }
  }

  func facts(of place: FilePlace, followingLinks: Bool) throws(FileFailure) -> FileFacts {
    try place.located(host) { (located) throws(FileFailure) in
      guard !followingLinks else {
        let opened = try located.open(.place)
        return FileFacts(
          try Self.calling { () throws(SystemCallError) in try opened.status() })
      }
      let entry = try located.entry()
      return FileFacts(
        try Self.calling { () throws(SystemCallError) in try entry.folder.status(of: entry.name) })
    }
  }

  func lines(of place: FilePlace) throws(FileFailure) -> any PieceSource {
    OpenFile(try openFile(place))
  }

  /// One thread at a time uses it: the caller sees to that.
  private final class OpenFile: PieceSource {
    private let file: Descriptor

    init(_ file: consuming Descriptor) { self.file = file }

    func next() throws(FileFailure) -> [UInt8] {
      do { return try file.read(atMost: 65_536) } catch { throw FileFailure(error) }
    }
  }
}
