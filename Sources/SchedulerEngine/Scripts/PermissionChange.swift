import ScriptHost

/// What a change of the policy does to scripts.
package struct PermissionChange {
  private let catalog: ScriptCatalog

  package init(in catalog: ScriptCatalog) { self.catalog = catalog }

  /// Decides once more what scripts may do: at once for those that are loaded, and by another load for those that did not
  /// load because of it. Of these, only those that the change concerns.
  package func apply(concerning concerns: (_ script: String) -> Bool = { _ in true }) {
    catalog.environment.decidePermissionsAgain()
    let denied = catalog.state.withLock { state in
      // A load under way may have asked the policy before.
      for path in state.scripts.keys where state.scripts[path]?.isLoading == true {
        state.scripts[path]?.isStale = true
      }
      return state.scripts
        .filter { $0.value.failing?.error.code == .denied && concerns($0.value.name) }
        .map { (path: $0.key, isText: $0.value.isText) }.sorted { $0.path < $1.path }
    }
    for script in denied {
      if script.isText {
        load(textNamed: script.path)
      } else {
        catalog.reload(script.path, force: true)
      }
    }
  }

  private func load(textNamed name: String) {
    for text in catalog.environment.configuration.texts where text.name == name {
      catalog.add(ScriptSource(name: name, path: nil, root: nil, text: Array(text.source.utf8)))
    }
  }
}
