import Synchronization
import SystemCalls

/// A file that is written piece by piece, or by somebody else, such as a program, and gets its name when it is whole.
/// Nothing of it is left unless it is finished.
final class FileDraft: Sendable {
  private struct State: ~Copyable {
    let located: Located
    let entry: Located.Entry
    var draft: Draft
    let mode: UInt32?
    /// Bytes that are counted in the folder of the script's own; nil for a new file before the first.
    var counted: Int64?
    var size: Int64 = 0

    /// Makes room for the file in the script's own folder. Throws if there is none.
    mutating func grow(to size: Int64) throws(FileFailure) {
      let located = located
      try located.root.own?.grow(from: counted, to: size) { () throws(FileFailure) in
        try DiskFiles.measure(located)
      }
      counted = size
    }

    mutating func write(_ bytes: [UInt8]) throws(FileFailure) {
      size += Int64(bytes.count)
      try grow(to: max(size, counted ?? 0))
      try DiskFiles.write(bytes[...], to: draft.file, WriteOptions())
    }
  }

  private let state: Mutex<State?>

  fileprivate init(_ located: Located) throws(FileFailure) {
    let entry = try located.target()
    let old = try DiskFiles.replaceable(entry)
    let mode = old.map { $0.mode & 0o777 }
    let draft = try Draft(in: entry.folder, mode: mode)
    state = Mutex(
      State(
        located: located, entry: entry, draft: draft, mode: mode, counted: old?.version.size))
  }

  deinit { discard() }

  /// What somebody else writes it by.
  func descriptor() throws(FileFailure) -> Descriptor {
    try state.withLock { (state) throws(FileFailure) in
      let copy: Descriptor?
      do throws(SystemCallError) { copy = try state?.draft.file.copy() } catch {
        throw FileFailure(error)
      }
      guard let copy else { throw .unwanted }
      return copy
    }
  }

  /// Adds to its end. Blocks.
  func write(_ bytes: [UInt8]) throws(FileFailure) {
    try state.withLock { (state) throws(FileFailure) in
      guard state != nil else { throw .unwanted }
      try state?.write(bytes)
    }
  }

  /// Gives it its name, on the disk. Returns its size. Blocks.
  @discardableResult
  func finish() throws(FileFailure) -> Int64 {
    try state.withLock { (state) throws(FileFailure) in
      guard var state = state.take() else { throw .unwanted }
      do throws(FileFailure) {
        let size = try DiskFiles.calling { () throws(SystemCallError) in
          try state.draft.file.sync()
          return try state.draft.file.status().version.size
        }
        try state.grow(to: size)
        try DiskFiles.names.withLock { (_) throws(FileFailure) in
          // The folder may have moved meanwhile.
          let folder = state.entry.folder.path?.appending(state.entry.name)
          try state.located.check(state.entry.folder, folder)
          try state.draft.finish(as: state.entry.name, in: state.entry.folder, mode: state.mode)
        }
        try DiskFiles.calling { () throws(SystemCallError) in
          try state.entry.folder.open(beneath: RawPath("."), for: .listing).sync()
        }
        return size
      } catch {
        state.located.root.own?.forget()
        throw error
      }
    }
  }

  /// Forgets it, unless it is finished.
  func discard() {
    state.withLock { state in
      if state != nil { state?.located.root.own?.forget() }
      state = nil
    }
  }
}

extension DiskFiles {
  /// Begins a file at the place.
  func draft(_ place: FilePlace) throws(FileFailure) -> FileDraft {
    try place.located(host) { (located) throws(FileFailure) in try FileDraft(located) }
  }
}
