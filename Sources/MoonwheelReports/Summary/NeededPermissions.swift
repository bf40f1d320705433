import JobHistory
import Moonwheel
import MoonwheelSimulation
import Permissions

/// What runs of a simulation needed and their scripts do not ask for.
package struct NeededPermissions: Sendable {
  private var sets: [String: PermissionSet] = [:]

  package init() {}

  package mutating func take(_ entry: TraceEntry) {
    guard entry.event == "run.denied", let script = entry.script,
      let kind = entry["permission"]?.text.flatMap({ PermissionKind(rawValue: $0) }),
      let wanted = entry["wanted"]?.text
    else { return }
    var set = sets[script] ?? [:]
    guard set[kind].count < PermissionSet.most, !set[kind].contains(wanted) else { return }
    set[kind].append(wanted)
    sets[script] = set
  }

  /// For people, with a block for each script that can be put into it; empty if nothing is missing.
  package var lines: [String] {
    guard !sets.isEmpty else { return [] }
    return ["These scripts were denied what they do not ask for. Add what is right:"]
      + sets.sorted { $0.key < $1.key }.map {
        "  \($0.key.escapingControls):  permissions \($0.value.lua)"
      }
  }
}
