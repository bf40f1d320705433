import Triggers

/// Compares a new trace with a saved one.
///
/// It compares lines as a multiset: each line has its time, and the order within one instant does not count. It holds
/// only a hash of 64 bits of each saved line, so the caller reads the saved trace twice:
///
/// 1. ``expect(_:)`` with each saved line;
/// 2. ``take(_:)`` with each new line;
/// 3. if ``isIncomplete``, ``takeSaved(_:)`` with each saved line again.
package struct TraceComparison {
  /// How often each saved line is still expected, by its hash.
  private var missing: [Int: Int32] = [:]
  package private(set) var equalLines = 0
  package private(set) var report: DiffReport

  package init(zone: Zone) { report = DiffReport(zone: zone) }

  /// Whether the new trace lacks some saved lines.
  package var isIncomplete: Bool { !missing.isEmpty }

  /// Adds a saved line.
  package mutating func expect(_ line: TraceLine) {
    missing[line.hashValue, default: 0] += 1
  }

  /// Takes a new line. Returns whether the saved trace lacks it.
  package mutating func take(_ line: TraceLine) -> Bool {
    guard !remove(line) else {
      equalLines += 1
      return false
    }
    report.add("+", line)
    return true
  }

  /// Takes a saved line again. Returns whether the new trace lacks it.
  package mutating func takeSaved(_ line: TraceLine) -> Bool {
    guard remove(line) else { return false }
    report.add("-", line)
    return true
  }

  /// Removes a line from those that are missing; false if it is not missing.
  private mutating func remove(_ line: TraceLine) -> Bool {
    let hash = line.hashValue
    guard let count = missing[hash] else { return false }
    missing[hash] = count > 1 ? count - 1 : nil
    return true
  }
}
