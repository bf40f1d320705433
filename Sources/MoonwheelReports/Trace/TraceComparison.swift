import Triggers

/// Compares a new trace with a saved one.
///
/// Lines are compared as a bag: the time is in the line, and the order within one instant does not count. Of each saved
/// line the comparison holds a hash of 64 bits, so the saved trace is read twice:
///
/// 1. ``expect(_:)`` with each saved line;
/// 2. ``take(_:)`` with each new line;
/// 3. if ``isIncomplete``, ``takeSaved(_:)`` with each saved line again.
package struct TraceComparison {
  /// How often each saved line is still to come.
  private var missing: [Int: Int32] = [:]
  package private(set) var equalLines = 0
  package private(set) var report: DiffReport

  package init(zone: Zone) { report = DiffReport(zone: zone) }

  /// Whether saved lines have found no partner.
  package var isIncomplete: Bool { !missing.isEmpty }

  package mutating func expect(_ line: TraceLine) {
    missing[line.hashValue, default: 0] += 1
  }

  /// Whether the saved trace lacks the line.
  package mutating func take(_ line: TraceLine) -> Bool {
    guard !remove(line) else {
      equalLines += 1
      return false
    }
    report.add("+", line)
    return true
  }

  /// Whether the new trace lacks the saved line.
  package mutating func takeSaved(_ line: TraceLine) -> Bool {
    guard remove(line) else { return false }
    report.add("-", line)
    return true
  }

  /// Removes one line from those that are missing; false if it is not among them.
  private mutating func remove(_ line: TraceLine) -> Bool {
    let hash = line.hashValue
    guard let count = missing[hash] else { return false }
    missing[hash] = count > 1 ? count - 1 : nil
    return true
  }
}
