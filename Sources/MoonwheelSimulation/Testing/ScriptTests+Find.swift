import FileWatching
import ScriptHost
import SystemCalls

extension ScriptTests {
  /// A file that may have tests.
  package struct File: Sendable, Hashable {
    package let path: String
    /// The folder of scripts that the file belongs to.
    package let root: String
    /// The path of the file in that folder.
    package let name: String
  }

  /// The files at paths that may have tests: `*_test.lua` and scripts. Throws `ScriptError` if a path cannot be read.
  package static func files(in paths: [String]) throws(ScriptError) -> [File] {
    var files: [File] = []
    var seen: Set<String> = []
    for path in paths {
      let full = Paths.absolute(path)
      let listing = ScriptFinder.list(ScriptRoot(path: full), withTests: true)
      if let failure = listing.failures.first {
        throw ScriptError(.unreadable, script: path, failure.description)
      }
      for script in listing.scripts where seen.insert(script.path).inserted {
        let root = script.path == full ? Paths.absolute(full + "/..") : full
        files.append(File(path: script.path, root: root, name: script.name))
      }
    }
    return files
  }
}
