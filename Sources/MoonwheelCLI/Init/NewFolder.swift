import FileWatching
import Moonwheel
import MoonwheelReports
import PolicyFile
import Stdlib
import SystemCalls

/// A folder of scripts that `init` makes or completes: which files it gets, and which are there already.
struct NewFolder {
  /// One file below the folder.
  struct File {
    /// The path below the folder.
    var name: String
    var content: [UInt8]
    /// What it is for, in words.
    var purpose: String
    /// Whether something has this name already.
    var exists: Bool
  }

  /// As the user gave it.
  let path: String
  let files: [File]
  /// The folder has scripts of its own, so it gets no example.
  let hasScripts: Bool

  private static let stubsFolder = ".luals"
  static let stubs = stubsFolder + "/moonwheel.d.lua"
  static let ignored = ".moonwheel/"

  var present: [File] { files.filter(\.exists) }
  var missing: [File] { files.filter { !$0.exists } }

  init(_ path: String) throws(Failure) {
    guard !path.isEmpty else { throw Failure("name the folder: init FOLDER", code: 64) }
    self.path = path
    let place = Paths.absolute(path)
    if let status = FileStatus(of: place), status.kind != .folder {
      throw Failure("\(path.escapingControls) is a file; init makes a folder", code: 2)
    }
    hasScripts = FileStatus(of: place) != nil && Self.hasScripts(place)
    files = Self.files(of: place, withExample: !hasScripts)
  }

  /// Whether there is a script that is not the example.
  private static func hasScripts(_ place: String) -> Bool {
    ScriptFinder.list(ScriptRoot(path: place)).scripts.contains { script in
      guard script.name == "hello.lua" else { return true }
      do {
        return try RegularFile.read(script.path, atMost: 1 << 20) != PackageResources.hello_lua
      } catch {
        return true
      }
    }
  }

  private static func files(of place: String, withExample: Bool) -> [File] {
    func file(_ name: String, _ content: [UInt8], _ purpose: String) -> File {
      let exists = FileStatus(of: place + "/" + name, followingLinks: false) != nil
      return File(name: name, content: content, purpose: purpose, exists: exists)
    }
    var files: [File] = []
    if withExample {
      files = [
        file("hello.lua", PackageResources.hello_lua, "three jobs to begin with"),
        file("hello_test.lua", PackageResources.hello_test_lua, "their tests"),
      ]
    }
    files += [
      file(".luarc.json", PackageResources.luarc_json, "settings of the Lua language server"),
      file(stubs, Stdlib.stubs, "the words of scripts, which it completes and checks"),
    ]
    files += Stdlib.moduleStubs.map { stub in
      file(stubsFolder + "/" + stub.file, stub.text, "those of moonwheel.\(stub.module)")
    }
    files += [
      file(
        Policy.fileName, Array(PolicyEdit.heading.utf8),
        "who may do what; moonwheel allow writes it"),
      file(".gitignore", PackageResources.gitignore_txt, "leaves out the store in .moonwheel/"),
    ]
    if let unit = ServiceUnit(folder: place) {
      files.append(
        file(
          unit.fileName, Array(unit.text.utf8), "a systemd unit; its first lines say how to use it")
      )
    }
    return files
  }

  /// Writes the missing files. A failure leaves nothing of them behind.
  func write() throws(Failure) {
    var made: [String] = []
    var folders: [String] = []
    do throws(SystemCallError) {
      let place = Paths.absolute(path)
      try Self.makeFolders(place, &folders)
      if missing.contains(where: { $0.name.hasPrefix(Self.stubsFolder + "/") }) {
        try Self.makeFolders(place + "/" + Self.stubsFolder, &folders)
      }
      for file in missing {
        let path = place + "/" + file.name
        try NewFile.write(file.content, to: path)
        made.append(path)
      }
    } catch {
      for path in made { FileNames.remove(path) }
      for folder in folders.reversed() { FileNames.removeFolder(folder) }
      throw Failure(
        "\(path.escapingControls) cannot be written, and is left as it was: \(error.reason)",
        code: 2)
    }
  }

  /// Makes a folder, and those above it that are missing. Adds what it has made to `made`.
  private static func makeFolders(_ path: String, _ made: inout [String]) throws(SystemCallError) {
    guard FileStatus(of: path) == nil else { return }
    let above = Paths.folder(of: path)
    if !above.isEmpty { try makeFolders(above, &made) }
    try FileNames.makeFolder(path)
    made.append(path)
  }

  /// The command in the text of a unit.
  private static func start(in unit: [UInt8]) -> Substring? {
    String(decoding: unit, as: UTF8.self).split(separator: "\n").first {
      $0.hasPrefix("ExecStart=")
    }
  }

  /// What the user should do about files that were there already; empty if nothing.
  func remarks() -> [String] {
    present.compactMap { file in
      let path = Paths.absolute(path) + "/" + file.name
      let content: [UInt8]
      do throws(FileError) { content = try RegularFile.read(path, atMost: 1 << 20) } catch {
        return "\(file.name) cannot be read: \(error)"
      }
      switch file.name {
      case let name where name.hasPrefix(Self.stubsFolder + "/"):
        guard content != file.content else { return nil }
        return
          "\(file.name) is of another version: remove it and repeat this for that of \(Version.number)"
      case ".gitignore":
        let lines = String(decoding: content, as: UTF8.self).split(separator: "\n")
        let isIgnored = lines.contains { $0 == Self.ignored || $0 == ".moonwheel" }
        return isIgnored ? nil : "\(file.name) lacks the line \(Self.ignored)"
      case ".luarc.json":
        let isNamed = String(decoding: content, as: UTF8.self).contains(Self.stubsFolder)
        return isNamed
          ? nil : "\(file.name) lacks \"workspace.library\": [\"\(Self.stubsFolder)\"]"
      case let name where name.hasSuffix(".service"):
        let start = Self.start(in: content)
        return start == Self.start(in: file.content)
          ? nil : "\(name) runs another program or folder: remove it and repeat this"
      default: return nil
      }
    }
  }
}
