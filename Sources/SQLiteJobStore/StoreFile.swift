import MoonwheelModel
import SystemCalls

/// The path of a store, the paths of the files beside it, and the answers of the system about them.
struct StoreFile: Sendable {
  /// As the user gave it; messages show it.
  let name: String
  /// Absolute, so that a change of the working folder does not change it, and SQLite never takes it for a URI.
  let path: String

  init(_ name: String) {
    self.name = name
    path = name.hasPrefix("/") ? name : Paths.workingFolder + "/" + name
  }

  /// SQLite writes these two, the store the third.
  var log: String { path + "-wal" }
  var sharedMemory: String { path + "-shm" }
  var lock: String { path + ".lock" }

  var folder: String { Paths.folder(of: path) }

  /// In bytes; nil if there is no such file.
  static func size(of path: String) -> Int64? { FileStatus(of: path)?.version.size }

  var isFolder: Bool { FileStatus(of: path)?.kind == .folder }

  /// Makes the folder of the store, but not the folder above it.
  func makeFolder() throws(StoreError) {
    guard !folder.isEmpty, Self.size(of: folder) == nil else { return }
    do {
      try FileNames.makeFolder(folder)
    } catch {
      // Another process may have made it meanwhile.
      guard !error.isTaken else { return }
      throw storeError(error, "its folder \(folder) cannot be made")
    }
  }

  /// Tells SQLite that nobody changes the file.
  var immutableURI: String {
    let escapes: [Unicode.Scalar: String] = ["%": "%25", "?": "%3f", "#": "%23"]
    return "file:\(path.unicodeScalars.map { escapes[$0] ?? String($0) }.joined())?immutable=1"
  }

  /// Whether the file begins like a text.
  ///
  /// Call this only for a file that SQLite has refused: closing a second descriptor of a file releases the locks that
  /// SQLite has on that file in this process.
  var isText: Bool {
    do {
      let start = try Descriptor.open(path, for: .read).readStart(atMost: 512)
      let controls: ClosedRange<UInt8> = 0x08...0x0d
      return !start.isEmpty && start.allSatisfy { $0 >= 0x20 || controls.contains($0) }
    } catch {
      return false
    }
  }
}
