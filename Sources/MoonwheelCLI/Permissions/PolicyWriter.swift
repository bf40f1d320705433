import Moonwheel
import Permissions
import PolicyFile
import SystemCalls

/// Writes what is granted to scripts into their policies.
enum PolicyWriter {
  /// So often the file may change between its reading and its writing.
  private static let attempts = 5

  /// Makes the line of each script in its policy grant what `entries` says. `entries` gets what the line grants now.
  ///
  /// - Parameter dry: change nothing.
  /// - Returns: the changes, each with its place.
  static func grant(
    _ scripts: [(script: String, entries: (PermissionSet) -> PermissionSet)], _ book: PolicyBook,
    dry: Bool = false
  ) throws(Failure) -> [(file: String, change: PolicyEdit.Change)] {
    var byFile: [String: [(name: String, entries: (PermissionSet) -> PermissionSet)]] = [:]
    for (script, entries) in scripts {
      guard let place = book.place(of: script) else { continue }
      let file = place.present ?? place.future
      byFile[file, default: []].append((place.name(of: script, in: file), entries))
    }
    var changes: [(file: String, change: PolicyEdit.Change)] = []
    for (file, scripts) in byFile.sorted(by: { $0.key < $1.key }) {
      changes += try write(file, scripts, dry).map { (file, $0) }
    }
    return changes
  }

  /// Replaces the file as a whole: a reader sees all lines or none. Processes that write the same policy take turns.
  private static func write(
    _ file: String, _ scripts: [(name: String, entries: (PermissionSet) -> PermissionSet)],
    _ dry: Bool
  ) throws(Failure) -> [PolicyEdit.Change] {
    // A link stays; the file that it leads to is replaced.
    let target = Paths.resolved(file) ?? file
    do {
      let folder = try Descriptor.open(Paths.folder(of: target) + "/", for: .read)
      try folder.lock()
      for _ in 0..<attempts {
        let version = FileStatus(of: target)?.version
        let edit = try edit(target, version != nil, scripts)
        if dry || edit.changes.isEmpty { return edit.changes }
        if try ReplacedFile.write(edit.text, to: target, replacing: version) {
          try folder.sync()
          return edit.changes
        }
      }
    } catch let error as Failure {
      throw error
    } catch let error as SystemCallError {
      throw Failure("\(file.escapingControls) cannot be written: \(error.reason)", code: 2)
    } catch {
      throw Failure("\(file.escapingControls) cannot be written: \(error)", code: 2)
    }
    throw Failure("\(file.escapingControls) is being written all the time by others", code: 2)
  }

  private static func edit(
    _ file: String, _ exists: Bool,
    _ scripts: [(name: String, entries: (PermissionSet) -> PermissionSet)]
  ) throws(Failure) -> PolicyEdit {
    do {
      let text = exists ? try RegularFile.read(file, atMost: Policy.maxBytes) : nil
      let policy = try Policy(reading: text ?? [])
      return try PolicyEdit(
        text, granting: scripts.map { ($0.name, $0.entries(policy.ownEntries(of: $0.name))) })
    } catch let error as PolicyError {
      throw Failure("\(file.escapingControls):\(error.line): \(error.message)", code: 2)
    } catch {
      throw Failure("\(error)", code: 2)
    }
  }
}

extension PolicyWriter {
  /// Grants what was shown, and keeps what the lines of the scripts grant of what they still ask for. Returns a line for
  /// each change.
  static func grant(
    _ askers: [PermissionQuestion.Asker], _ book: PolicyBook
  ) throws(Failure) -> [String] {
    let scripts = askers.map { asker in
      (
        script: asker.script,
        entries: { (own: PermissionSet) in own.intersection(asker.asked).union(asker.missing) }
      )
    }
    return try grant(scripts, book).map { file, change in
      "\(file):\(change.line): \(change.new ?? "")"
    }
  }
}

extension PermissionSet {
  /// The entries that both have.
  fileprivate func intersection(_ other: PermissionSet) -> PermissionSet {
    var both: PermissionSet = [:]
    for kind in kinds { both[kind] = self[kind].filter { other[kind].contains($0) } }
    return both
  }
}
