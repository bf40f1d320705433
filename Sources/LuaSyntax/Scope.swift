/// The local variables that are visible at one place of a text.
struct Scope {
  /// Innermost last.
  private var names: [String] = []
  /// How many visible locals have a name. Looking through `names` would take time quadratic in the text's length.
  private var counts: [String: Int] = [:]
  /// For each open block, how many locals were visible before it.
  private var blocks: [Int] = []

  func contains(_ name: String) -> Bool { counts[name] != nil }

  mutating func add(_ name: String) {
    names.append(name)
    counts[name, default: 0] += 1
  }

  mutating func open() { blocks.append(names.count) }

  mutating func close() {
    let before = blocks.removeLast()
    while names.count > before {
      let name = names.removeLast()
      if let count = counts[name], count > 1 {
        counts[name] = count - 1
      } else {
        counts[name] = nil
      }
    }
  }
}
