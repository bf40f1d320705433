import ModuleKit
import ScriptHost
import SystemCalls
import SystemIO

/// `fs`: files beneath the folders that a script was granted, and folders of its own.
///
/// Calls run on a few threads of their own, and at once while a script loads. In a simulation, and in tests, they see
/// what they write, and the disk does not.
struct FileModule: ScriptModule {
  let name = "fs"
  let lua = FileModule.face
  let files: FileService

  init(_ files: FileService) { self.files = files }

  /// Of a simulation too: there the service works in memory.
  var simulated: [ModuleFunction] { functions }

  var functions: [ModuleFunction] {
    reading + writing + folders + [
      ModuleFunction("_data") { [files] call in
        Value(path: files.folders.data(of: call.script).path)
      }
    ] + lines
  }

  private static let duringLoad = ModuleFunction.Traits(answersLoads: true)
  private static let large = ModuleFunction.Traits(takesLargeArguments: true)
  /// What a read takes unless the script says otherwise, and what it takes at most.
  private static let (usualSize, largestSize) = (10 << 20, 256 << 20)
  /// What is read in place, while a script loads.
  private static let loadSize = 1 << 20
  static let listLimit = 10_000

  // MARK: Functions

  private var reading: [ModuleFunction] {
    [
      .answering("read", ["path", "options"], Self.duringLoad) { [files] call in
        let options = try FileOptions(call.arguments[1], "fs.read", ["max"])
        let usual = call.isLoading ? Self.loadSize : Self.usualSize
        let max = try options.size("max", otherwise: usual, atMost: Self.largestSize)
        var limit = ReadLimit(bytes: min(max, call.isLoading ? Self.loadSize : max))
        limit.remedy =
          call.isLoading ? ", the most that is read while a script loads" : "; max = bounds it"
        let (place, bound) = (try files.place(0, of: call, for: .read), limit)
        files.watch(place, call)
        return files.work(call, at: [place]) { (disk, answer) throws(FileFailure) in
          var limit = bound
          limit.hasRoom = { answer.hasRoom(for: $0) }
          return [Value(text: try disk.read(place, limit))]
        }
      },
      .answering("stat", ["path"], Self.duringLoad) { [files] call in
        let place = try files.place(0, of: call, for: .read)
        files.watch(place, call)
        return files.work(call, at: [place]) { (disk, _) throws(FileFailure) in
          let facts = try disk.facts(of: place, followingLinks: true)
          return [
            [
              "size": .integer(facts.size), "mtime": .number(Double(facts.modified) / 1e9),
              "kind": .string(facts.kind.rawValue),
            ]
          ]
        }
      },
      .answering("exists", ["path"], Self.duringLoad) { [files] call in
        let place = try files.place(0, of: call, for: .read)
        files.watch(place, call)
        return files.work(call, at: [place]) { (disk, _) throws(FileFailure) in
          do throws(FileFailure) {
            _ = try disk.facts(of: place, followingLinks: true)
            return [true]
          } catch {
            guard error.isMissing else { throw error }
            return [false]
          }
        }
      },
      .answering("list", ["path"], Self.duringLoad) { [files] call in
        let path = try call.path(0)
        let place = try files.place(path, of: call, for: .read, isPattern: true)
        return files.work(call, at: [place.place]) { (disk, answer) throws(FileFailure) in
          [.list(try place.list(disk, while: { answer.isWanted }).map { Value(path: $0) })]
        }
      },
    ]
  }

  private var writing: [ModuleFunction] {
    [
      .answering("write", ["path", "text", "options"], Self.large) { [files] call in
        let options = try call.writeOptions("fs.write", syncs: true)
        let (place, bytes) = (try files.place(0, of: call, for: .write), try call.bytes(1))
        return files.work(call, at: [place]) { (disk, answer) throws(FileFailure) in
          try disk.write(place, bytes, options.while(answer))
          return [true]
        }
      },
      .answering("append", ["path", "text", "options"], Self.large) { [files] call in
        let options = try call.writeOptions("fs.append", syncs: false)
        let (place, bytes) = (try files.place(0, of: call, for: .write), try call.bytes(1))
        return files.work(call, at: [place]) { (disk, answer) throws(FileFailure) in
          try disk.append(place, bytes, options.while(answer))
          return [true]
        }
      },
      .answering("copy", ["from", "to"]) { [files] call in
        let from = try files.place(0, of: call, for: .read)
        let to = try files.place(1, of: call, for: .write)
        return files.work(call, at: [from, to]) { (disk, answer) throws(FileFailure) in
          try disk.copy(from, to: to) { answer.isWanted }
          return [true]
        }
      },
      .answering("rename", ["from", "to"]) { [files] call in
        let from = try files.place(0, of: call, for: .write)
        let to = try files.place(1, of: call, for: .write)
        return files.work(call, at: [from, to]) { (disk, _) throws(FileFailure) in
          try disk.rename(from, to: to)
          return [true]
        }
      },
      .answering("remove", ["path", "options"]) { [files] call in
        let options = try FileOptions(call.arguments[1], "fs.remove", ["recursive"])
        let recursive = try options.flag("recursive", otherwise: false)
        let place = try files.place(0, of: call, for: .write)
        return files.work(call, at: [place]) { (disk, answer) throws(FileFailure) in
          try disk.remove(place, recursive: recursive) { answer.isWanted }
          return [true]
        }
      },
    ]
  }

  private var folders: [ModuleFunction] {
    [
      .answering("mkdir", ["path"]) { [files] call in
        let place = try files.place(0, of: call, for: .write)
        return files.work(call, at: [place]) { (disk, _) throws(FileFailure) in
          try disk.makeFolder(place)
          return [true]
        }
      },
      .answering("tmp") { [files] call in
        guard call.arguments.isEmpty else {
          throw FileMistake("fs.tmp takes no arguments: it makes a folder, and returns its path")
        }
        let path = files.folders.newTemporary(of: call.script)
        let place = try call.place(path, for: .write, own: files.own(of: call.script))
        files.hold(path, for: call)
        return files.work(call, at: [place]) { [files] (disk, answer) throws(FileFailure) in
          try disk.makeFolder(place)
          guard answer.isWanted else {
            files.remove(path, of: call.script)
            throw .unwanted
          }
          return [Value(path: path)]
        }
      },
    ]
  }

  /// Behind `fs.lines`, whose Lua gets some lines at once.
  private var lines: [ModuleFunction] {
    [
      .answering("lines", ["path"]) { [files] call in
        let place = try files.place(0, of: call, for: .read)
        return files.work(call, at: [place]) { [files] (disk, _) throws(FileFailure) in
          [.integer(try files.open(try disk.lines(of: place), for: call))]
        }
      },
      .answering("_more", ["file"]) { [files] call in
        guard let reader = files.reader(call.arguments[0].int ?? 0, of: call.script) else {
          throw FileMistake("these lines belong to a run that has ended, or were closed")
        }
        return files.work(call, at: []) { (_, _) throws(FileFailure) in
          let lines = try reader.next()
          return lines.isEmpty ? [.nil] : [.list(lines.map { Value(text: $0) })]
        }
      },
      ModuleFunction("_close", ["file"]) { [files] call in
        files.close(call.arguments[0].int ?? 0, of: call.script)
        return .nil
      },
    ]
  }
}

extension Value {
  /// A text of the script's, which may be any bytes.
  init(text bytes: [UInt8]) {
    self = String(validating: bytes, as: UTF8.self).map { .string($0) } ?? .bytes(bytes)
  }

  init(path: RawPath) { self.init(text: path.bytes) }
}

extension FunctionCall {
  /// The bytes of a text among the arguments.
  fileprivate func bytes(_ index: Int) throws -> [UInt8] {
    switch arguments[index] {
    case .string(let text): return Array(text.utf8)
    case .bytes(let bytes): return bytes
    default:
      let given = arguments[index]
      throw FileMistake(
        "the text must be a string, not \(given.described)"
          + (given.typeName == "table" ? "; json.encode makes a text of a table" : ""))
    }
  }

  fileprivate func writeOptions(_ name: String, syncs: Bool) throws -> WriteOptions {
    let options = try FileOptions(arguments[2], name, ["mode", "sync"])
    return WriteOptions(
      mode: try options.mode("mode"), sync: try options.flag("sync", otherwise: syncs))
  }
}

extension WriteOptions {
  fileprivate func `while`(_ answer: CallAnswer) -> WriteOptions {
    var options = self
    options.isWanted = { answer.isWanted }
    return options
  }
}
