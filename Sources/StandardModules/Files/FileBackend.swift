import ModuleKit
import SystemCalls

/// What `fs` works on: the disk, or in a simulation what is written over it in memory. Calls block.
protocol FileBackend: Sendable {
  func read(_ place: FilePlace, _ limit: ReadLimit) throws(FileFailure) -> [UInt8]
  func write(
    _ place: FilePlace, _ bytes: [UInt8], _ options: WriteOptions
  ) throws(FileFailure)
  func append(_ place: FilePlace, _ bytes: [UInt8], _ options: WriteOptions) throws(FileFailure)
  /// The names in a folder, in no order; one more than `limit` if there are more than that.
  func names(in place: FilePlace, atMost limit: Int) throws(FileFailure) -> [RawPath]
  func facts(of place: FilePlace, followingLinks: Bool) throws(FileFailure) -> FileFacts
  /// With the folders around it. No effect if it is there.
  func makeFolder(_ place: FilePlace) throws(FileFailure)
  func remove(
    _ place: FilePlace, recursive: Bool, _ isWanted: @escaping @Sendable () -> Bool
  ) throws(FileFailure)
  func rename(_ old: FilePlace, to new: FilePlace) throws(FileFailure)
  func copy(
    _ source: FilePlace, to target: FilePlace, _ isWanted: @escaping @Sendable () -> Bool
  ) throws(FileFailure)
  func lines(of place: FilePlace) throws(FileFailure) -> any PieceSource
}

/// Gives the bytes of an open file one piece after the other. One thread at a time uses it.
protocol PieceSource: AnyObject, Sendable {
  /// Empty at the end.
  func next() throws(FileFailure) -> [UInt8]
}

struct ReadLimit: Sendable {
  var bytes: Int
  /// What to do about a file that is larger.
  var remedy = ""
  /// Whether the script has room for so many bytes.
  var hasRoom: @Sendable (Int) -> Bool = { _ in true }
}

struct WriteOptions: Sendable {
  /// The rights; nil for those of the file before, or those that the process's mask leaves.
  var mode: UInt32?
  /// Whether to wait until it is on the disk.
  var sync = true
  /// False once the run has ended.
  var isWanted: @Sendable () -> Bool = { true }
}

struct FileFacts: Equatable {
  enum Kind: String { case file, dir, other, link }

  var size: Int64
  /// Nanoseconds since 1970.
  var modified: Int64
  var kind: Kind
}

extension FileFacts {
  init(_ status: FileStatus) {
    let kind: Kind =
      switch status.kind {
      case .file: .file
      case .folder: .dir
      case .link: .link
      case .other: .other
      }
    self.init(size: status.version.size, modified: status.version.modified, kind: kind)
  }
}
