/// The number that inotify gives a watch.
struct WatchID: Hashable, Sendable {
  let rawValue: Int32
}

/// An event in a watched folder.
struct WatchEvent: Equatable {
  enum Kind: Equatable {
    /// A file was closed after writing.
    case closed
    /// A name is new, or names another file now.
    case appeared(Entry)
    /// A name is gone.
    case vanished(isFolder: Bool)
    /// The watched folder itself was moved, deleted or unmounted.
    case folderGone
    /// The system has removed the watch.
    case ended
    /// Events were lost.
    case overflow
  }

  /// The kind of thing that a new name names.
  enum Entry: Equatable {
    /// A file with no other name that was created or linked. Most likely a program is writing it.
    case newFile
    /// A file that was moved into place, has other names too, or is gone again.
    case file
    case folder
    case link
  }

  let watch: WatchID
  let kind: Kind
  /// The name in the folder; empty where the event is about the folder.
  let name: String
}
