/// What runs of a script whose text does not load.
package enum LastGoodVersion {
  case none
  case goesOn
  /// From the store; with when that version was loaded first.
  case isRestored(loadedAt: String)
  /// The store has one, which does not load either.
  case fails(ScriptError)

  var words: String {
    switch self {
    case .none: ""
    case .goesOn: "\nThe jobs of the last good version go on."
    case .isRestored(let loadedAt):
      "\nThe last good version, loaded first at \(loadedAt), runs instead: the store has kept it."
    case .fails(let other):
      "\nThe last good version, which the store has kept, does not load either: \(other.message)"
    }
  }
}
