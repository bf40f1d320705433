/// The number of a watch.
struct WatchID: Hashable, Sendable {
  let rawValue: Int32
}

/// What the system tells of a watched folder.
struct WatchEvent: Equatable {
  enum Kind: Equatable {
    /// A file was closed after writing.
    case closed
    /// A name is there that was not there, or not for this file.
    case appeared(Entry)
    /// A name is there no longer.
    case vanished(isFolder: Bool)
    /// The watched folder itself was moved, deleted or unmounted.
    case uprooted
    /// The system has removed the watch.
    case ended
    /// Events were lost.
    case overflow
  }

  /// What a new name stands for.
  enum Entry: Equatable {
    /// A file with this name only, which was created or linked: most likely it is being written.
    case newFile
    /// A file that was moved into place, has other names as well, or is gone again.
    case file
    case folder
    case link
  }

  let watch: WatchID
  let kind: Kind
  /// The name in the folder; empty where the event is about the folder.
  let name: String
}
