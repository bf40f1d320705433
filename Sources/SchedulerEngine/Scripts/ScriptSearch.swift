import FileWatching
import ScriptHost
import SystemCalls

/// Finds scripts, and reads their texts.
package enum ScriptSearch {
  /// A script that exists. `error` says why its text could not be read.
  package struct Found {
    package var source: ScriptSource
    package var error: ScriptError?
  }

  package typealias Finding = ScriptFinding

  /// Finds the scripts of paths and reads their texts. Throws if a path is missing, if a folder has no script and none
  /// `mayBeEmpty`, or if two scripts have the same name.
  package static func find(
    _ paths: [String], mayBeEmpty: Bool = false
  ) throws(ScriptError) -> Finding {
    var finding = try list(paths, mayBeEmpty: mayBeEmpty)
    finding.scripts = finding.scripts.map { read($0.source) }
    return finding
  }

  /// Finds the scripts as ``find(_:mayBeEmpty:)`` does, but reads no text. `alarm` is the path of the alarm script.
  static func list(
    _ paths: [String], alarm: String? = nil, mayBeEmpty: Bool = false
  ) throws(ScriptError) -> Finding {
    let alarm = alarm.map(Paths.absolute)
    var finding = Finding()
    var seen: Set<String> = []
    var pathOf: [String: String] = [:]
    for path in paths {
      let root = ScriptRoot(path: Paths.absolute(path))
      let listing = ScriptFinder.list(root)
      let failures = listing.failures.map {
        ScriptError(.unreadable, script: path, "\($0.description)")
      }
      finding.misfits += listing.misfits.map(\.description)
      guard !listing.scripts.isEmpty || mayBeEmpty && FileStatus(of: root.path)?.kind == .folder
      else {
        throw failures.first
          ?? ScriptError(
            .empty, script: path,
            "\(path): no scripts in this folder; a script is a file *.lua (not *_test.lua, and not in lib/ or lua_modules/)"
          )
      }
      finding.failures += failures
      finding.isComplete =
        finding.isComplete && failures.isEmpty && listing.misfits.isEmpty
        && (root.path == alarm || listing.scripts.allSatisfy { $0.path != root.path })
      for script in listing.scripts where seen.insert(script.path).inserted {
        if let other = pathOf.updateValue(script.path, forKey: script.name) {
          throw clash(other, script.path, name: script.name)
        }
        let folder = script.path == root.path ? nil : root.path
        finding.scripts.append(
          Found(
            source: ScriptSource(name: script.name, path: script.path, root: folder, text: [])))
      }
    }
    return finding
  }

  /// Reads the text of a script that has a path.
  static func read(_ source: ScriptSource) -> Found {
    guard let path = source.path else { return Found(source: source) }
    var source = source
    do throws(FileError) {
      source.text = try readFile(path)
      return Found(source: source)
    } catch {
      return Found(source: source, error: error.scriptError(source.name))
    }
  }

  static func clash(_ one: String, _ other: String, name: String) -> ScriptError {
    ScriptError(
      .invalid, script: name,
      "\(one) and \(other) have the same name \"\(name)\"; give the folder above them instead, or rename one"
    )
  }
}

extension FileError {
  package func scriptError(_ script: String) -> ScriptError {
    ScriptError(.unreadable, script: script, description)
  }
}

extension ScriptRoot {
  /// The name of a script below this root, or nil if the path is none of its scripts.
  func name(ofScript file: String) -> String? {
    if file == path { return file.split(separator: "/").last.map(String.init) }
    let prefix = path == "/" ? "/" : path + "/"
    guard file.hasPrefix(prefix) else { return nil }
    let name = file.dropFirst(prefix.count)
    let parts = name.split(separator: "/")
    guard let last = parts.last, ScriptFinder.isScript(fileName: String(last)),
      parts.dropLast().allSatisfy({ ScriptFinder.isSearched(folderName: String($0)) })
    else { return nil }
    return String(name)
  }
}
