/// How much work a search for the next fire may still do.
///
/// Candidates are the instants that `&` and `-` examine. Steps bound the work on one candidate, which grows with the
/// number of triggers and the depth of a combination; a step takes about half a microsecond at most. A combination of
/// two triggers never comes near the limit of steps.
struct SearchBudget {
  private var candidates = 10_000
  private var steps = 100_000
  private(set) var isSpent = false

  /// Takes one candidate; false when there are none left.
  mutating func spend() -> Bool {
    candidates -= 1
    if candidates < 0 { isSpent = true }
    return !isSpent
  }

  /// Takes some steps; false when there are none left.
  mutating func step(_ count: Int = 1) -> Bool {
    steps -= count
    if steps < 0 { isSpent = true }
    return !isSpent
  }
}
