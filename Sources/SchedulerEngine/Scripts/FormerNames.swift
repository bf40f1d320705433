import ScriptHost
import SystemCalls

/// The former names of a script, as its `defaults { formerly = ... }` gives them.
struct FormerNames {
  let names: [String]
  /// The path of the script.
  let path: String

  /// The names that are no script any more, after those whose file has just gone are removed. Warns of the others.
  func vacated(in catalog: ScriptCatalog) -> [String] {
    names.filter { name in
      if let path = other(name, catalog), FileStatus(of: path) == nil { catalog.remove(path) }
      let files = catalog.state.withLock { $0.roots.map { $0.path + "/" + name } }
      guard other(name, catalog) == nil, !files.contains(where: { FileStatus(of: $0) != nil })
      else {
        catalog.environment.log.warned(
          ["formerly: \(name) is a script still, so nothing of it is taken over"],
          in: catalog.state.withLock { $0.scripts[path]?.name ?? "" })
        return false
      }
      return true
    }
  }

  /// The path of another script of a name.
  private func other(_ name: String, _ catalog: ScriptCatalog) -> String? {
    catalog.state.withLock { state in state.paths[name].flatMap { $0 == path ? nil : $0 } }
  }
}
