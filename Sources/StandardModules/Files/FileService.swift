import ModuleKit
import ScriptHost
import Synchronization
import SystemCalls
import SystemIO

/// What the functions of `fs` share: where they work, the folders of scripts, and the files that runs have open.
final class FileService: Sendable {
  private struct Open {
    var readers: [Int64: LineReader] = [:]
    var last: Int64 = 0
  }

  let backend: any FileBackend
  let folders: ScriptFolders
  /// Nil in a simulation, which works at once.
  private let pool: BlockingPool?
  private let open = Mutex(Open())
  /// Of temporary folders.
  private let removals = Mutex<[@Sendable () -> Void]>([])
  /// Files whose lines the runs of a script may read at once.
  private static let openLimit = 64

  init(backend: any FileBackend, folders: ScriptFolders, pool: BlockingPool?) {
    self.backend = backend
    self.folders = folders
    self.pool = pool
  }

  /// On the disk.
  convenience init(_ host: HostPaths, keptIn path: String?) {
    self.init(
      backend: DiskFiles(host: host), folders: ScriptFolders(path), pool: BlockingPool())
  }

  // MARK: A host's life

  func start() {
    guard let pool, folders.hasLives else { return }
    _ = pool.submit(for: "") { [folders] in folders.sweep() }
  }

  func stop(until deadline: Int64) {
    guard let pool else { return }
    if pool.stop(until: deadline) { folders.end(until: deadline) }
  }

  // MARK: Calls

  func own(of script: String) -> [OwnFolder] {
    [folders.data(of: script), folders.temporary(of: script)]
  }

  func place(_ index: Int, of call: FunctionCall, for kind: PermissionKind) throws -> FilePlace {
    let what = call.arguments.count > 1 && index == 1 ? "the second path" : "the path"
    return try call.place(index, what, for: kind, own: own(of: call.script))
  }

  /// Reloads the script that loads when the file changes, unless the script may change it itself.
  func watch(_ place: FilePlace, _ call: FunctionCall) {
    guard let watch = call.watch, place.roots.allSatisfy({ $0.own == nil }) else { return }
    let isWritten = place.grants.roots(.write).contains { root in
      place.path.rest(beneath: RawPath(root)) != nil
    }
    if !isWritten { watch(place.path.text) }
  }

  /// Work at places that blocks: for a thread of the pool, or at once while a script loads and in a simulation.
  func work(
    _ call: FunctionCall, at places: [FilePlace],
    _ body: @escaping @Sendable (any FileBackend, CallAnswer) throws(FileFailure) -> [Value]
  ) -> ModuleFunction.Work {
    { [self] answer in
      open(places, for: call, answer) { [backend] () throws(FileFailure) in
        answer.give(try body(backend, answer))
      }
    }
  }

  /// Calls the body on a thread of the pool, for what is done with files beside the functions of `fs`; `busy` at once if
  /// too much waits.
  func inPool(
    for call: FunctionCall, _ places: [FilePlace],
    _ body: @escaping @Sendable (DiskFiles) throws(FileFailure) -> Void,
    failed: @escaping @Sendable (FileFailure) -> Void
  ) {
    guard let pool, let disk = backend as? DiskFiles else {
      return failed(.refused(.io, "a simulation has no files to send"))
    }
    let isTaken = pool.submit(for: call.script) { [self] in
      do throws(FileFailure) {
        try prepare(places, call)
        try body(disk)
      } catch {
        failed(error)
      }
    }
    if !isTaken { failed(.refused(.busy, "too many calls that use files wait")) }
  }

  /// Begins work at places that blocks, as that of ``work(_:at:_:)``. The answer is given if it fails; else by the body, at
  /// once or later.
  func open(
    _ places: [FilePlace], for call: FunctionCall, _ answer: CallAnswer,
    _ body: @escaping @Sendable () throws(FileFailure) -> Void
  ) {
    let task: @Sendable () -> Void = { [self] in
      let shown = places.first?.shown ?? ""
      do throws(FileFailure) {
        guard answer.isWanted else { throw .unwanted }
        try prepare(places, call)
        try body()
      } catch {
        let place = error.isDenied ? places.first { $0.kind == error.deniedKind } : nil
        answer.fail(error.refusal(of: place?.shown ?? shown, call))
      }
    }
    guard let pool, !call.isLoading else { return task() }
    guard !pool.submit(for: call.script, task) else { return }
    answer.fail(
      Refusal("too many calls of fs wait; try again later", code: FileFailure.Code.busy.rawValue))
  }

  /// The files on the disk; nil in a simulation.
  var disk: DiskFiles? { backend as? DiskFiles }

  /// Does something of the host's own that blocks. Returns false if nothing more is done.
  func inBackground(_ body: @escaping @Sendable () -> Void) -> Bool {
    pool?.submit(for: "", body) == true
  }

  /// The place of a path in an option.
  func place(
    option path: [UInt8], of call: FunctionCall, for kind: PermissionKind
  ) throws -> FilePlace {
    guard let path = RawPath(path), !path.isEmpty else {
      throw FileMistake("the path is empty, or has a byte 0 in it")
    }
    return try call.place(path, for: kind, own: own(of: call.script))
  }

  /// Makes the folder of its own that a script uses. A load makes none.
  private func prepare(_ places: [FilePlace], _ call: FunctionCall) throws(FileFailure) {
    guard pool != nil, !call.isLoading else { return }
    for own in places.compactMap({ $0.roots.first?.own }) { try folders.prepare(own) }
  }

  /// Removes a temporary folder when the run of the call has ended, which keeps its job busy until it is gone. Call it
  /// before the folder is made.
  func hold(_ path: RawPath, for call: FunctionCall) {
    let held = Mutex<RunResource?>(nil)
    let resource = call.hold(
      "fs.tmp",
      ending: { [self] in
        let removal: @Sendable () -> Void = { [self] in
          remove(path, of: call.script)
          held.withLock { $0 }?.end()
        }
        guard let pool else { return removal() }
        removals.withLock { $0.append(removal) }
        // One that the pool does not take is done with the next one, or goes with the folder of the host's life.
        _ = pool.submit(for: "") { [self] in removeAll() }
      })
    held.withLock { $0 = resource }
  }

  /// Removes the temporary folders of runs that have ended. Blocks.
  private func removeAll() {
    while let next = removals.withLock({ $0.popLast() }) { next() }
  }

  /// Removes a temporary folder. Blocks.
  func remove(_ path: RawPath, of script: String) {
    if let overlay = backend as? OverlayFiles {
      overlay.removeTree(path)
    } else {
      DiskFiles.removeTree(path)
    }
    folders.temporary(of: script).forget()
  }

  // MARK: Open files

  /// Keeps a file open for the run of the call, and returns its number.
  func open(_ source: any PieceSource, for call: FunctionCall) throws(FileFailure) -> Int64 {
    let reader = LineReader(source, script: call.script)
    let number = open.withLock { open -> Int64? in
      let own = open.readers.values.count { $0.script == call.script }
      guard own < Self.openLimit else { return nil }
      open.last += 1
      open.readers[open.last] = reader
      return open.last
    }
    guard let number else {
      throw .refused(.busy, "the script reads the lines of \(Self.openLimit) files already")
    }
    call.hold { [self] in close(number, of: call.script) }
    return number
  }

  func reader(_ number: Int64, of script: String) -> LineReader? {
    open.withLock { $0.readers[number] }.flatMap { $0.script == script ? $0 : nil }
  }

  func close(_ number: Int64, of script: String) {
    guard let reader = reader(number, of: script) else { return }
    _ = open.withLock { $0.readers.removeValue(forKey: number) }
    reader.close()
  }
}

extension FileFailure {
  fileprivate var deniedKind: PermissionKind? {
    if case .denied(let kind) = self { kind } else { nil }
  }
}

/// What `fs.list` lists: a folder, or a pattern.
struct ListedPlace: Sendable {
  let place: FilePlace
  private let path: RawPath
  private let pattern: PathPattern?

  fileprivate init(_ place: FilePlace, _ path: RawPath, _ pattern: PathPattern?) {
    self.place = place
    self.path = path
    self.pattern = pattern
  }

  /// Paths as `path` spells them, in the order of their bytes.
  func list(
    _ files: any FileBackend, while isWanted: () -> Bool
  ) throws(FileFailure) -> [RawPath] {
    let limit = FileModule.listLimit
    let found: [RawPath]
    do throws(FileFailure) {
      if let pattern {
        found = try pattern.matches(in: place, files, atMost: limit, while: isWanted)
      } else {
        let names = try files.names(in: place, atMost: limit)
        guard names.count <= limit else {
          throw FileFailure.refused(.tooLarge, "more than \(limit) names are in it; use a pattern")
        }
        found = names.map { path.appending($0) }
      }
    } catch {
      // Nothing was written yet into a folder of the script's own.
      let isOwn = place.roots.contains { $0.own != nil && $0.isNamed }
      guard isOwn, error.isMissing else { throw error }
      return []
    }
    return found.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
  }
}

extension FileService {
  func place(
    _ path: RawPath, of call: FunctionCall, for kind: PermissionKind, isPattern: Bool
  ) throws -> ListedPlace {
    let own = own(of: call.script)
    guard isPattern, let pattern = PathPattern(path) else {
      return ListedPlace(try call.place(path, for: kind, own: own), Self.trimmed(path), nil)
    }
    let base = pattern.base.isEmpty ? RawPath(".") : pattern.base
    return ListedPlace(try call.place(base, for: kind, own: own), path, pattern)
  }

  /// Without slashes at the end, so that a name can follow.
  private static func trimmed(_ path: RawPath) -> RawPath {
    var bytes = path.bytes
    while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
    return RawPath(bytes) ?? path
  }
}
