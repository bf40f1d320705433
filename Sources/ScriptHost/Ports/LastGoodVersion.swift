/// The version that runs instead of a script text that does not load.
package enum LastGoodVersion {
  case none
  /// The version before still runs.
  case stillRuns
  /// A version from the store; `loadedAt` is its first load.
  case restored(loadedAt: String)
  /// The version in the store does not load either.
  case failed(ScriptError)

  var words: String {
    switch self {
    case .none: ""
    case .stillRuns: "\nThe jobs of the last good version go on."
    case .restored(let loadedAt):
      "\nThe last good version, loaded first at \(loadedAt), runs instead: the store has kept it."
    case .failed(let other):
      "\nThe last good version, which the store has kept, does not load either: \(other.message)"
    }
  }
}
