import JobHistory
import Permissions

/// The one question for all scripts that ask for more than they are granted.
struct PermissionQuestion: Equatable {
  struct Asker: Equatable {
    let script: String
    let asked: PermissionSet
    /// What of that is not granted.
    let missing: PermissionSet

    /// `report.lua asks: run pg_dump, secret PG`
    var text: String {
      let parts = missing.kinds.flatMap { kind in
        missing[kind].map { "\(kind) \($0.escapingControls)" }
      }
      return "\(script.escapingControls) asks: \(parts.joined(separator: ", "))"
    }

    var question: String { text + " — allow it? [y] no [N]" }
  }

  enum Answer: Equatable { case all, oneByOne, none }

  /// In the order of names.
  let askers: [Asker]

  /// In one line if that has `columns` characters at most, else with a line for each script.
  func text(columns: Int) -> String {
    if askers.count == 1 { return askers[0].question }
    let choices = "allow all? [y] one by one [o] no [N]"
    let line = askers.map(\.text).joined(separator: " · ") + " — " + choices
    return line.count <= columns
      ? line : askers.map(\.text).joined(separator: "\n") + "\n" + choices
  }

  /// What a typed line means; nil if it is no answer.
  func answer(_ line: String) -> Answer? {
    switch line.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ") {
    case "y", "yes", "all": .all
    case "o", "one", "one by one": askers.count > 1 ? .oneByOne : nil
    case "", "n", "no": Answer.none
    default: nil
    }
  }
}
