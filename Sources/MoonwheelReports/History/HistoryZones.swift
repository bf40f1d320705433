import JobHistory
import JobStore
import MoonwheelModel
import SystemZones
import Triggers

/// The time zones in which the history is printed, and in which times about it are read.
package struct HistoryZones {
  /// The zone of what is about no job, or about one whose trigger has no zone. JSON has it throughout.
  package let general: Zone
  private let isForAll: Bool

  /// - Parameter all: the zone that the user asked for.
  package init(all: Zone) {
    general = all
    isForAll = true
  }

  /// - Parameter system: the zone of the system, for what has none.
  package init(system: Zone) {
    general = system
    isForAll = false
  }

  package func zone(of job: StoredJob?) -> Zone { isForAll ? general : job?.zone ?? general }

  /// The zone of the job that a row is about, by the row's key. A renamed job is found by its new name, which rows have.
  func zones(
    of entries: [HistoryEntry], in store: some JobStore
  ) throws(StoreError) -> [StoreKey: Zone] {
    guard !isForAll else { return [:] }
    var zones: [StoreKey: Zone] = [:]
    for entry in entries {
      let (key, script, name) = entry.job
      guard zones[key] == nil else { continue }
      let job = try store.jobs(script: script, name: name).first { $0.key == key }
      zones[key] = zone(of: job)
    }
    return zones
  }
}

extension StoredJob {
  /// The zone of the trigger; nil if it has none, or several.
  fileprivate var zone: Zone? {
    // As in `Trigger.identity`; a combination has it in each part on wall time.
    let names = Set(trigger.matches(of: /\ in (?<zone>[^ ]+), gap \w+, fold \w+/).map(\.zone))
    guard let name = names.first, names.count == 1 else { return nil }
    // The user did not write this text; a zone that the system lacks is as good as none.
    do { return try SystemZones.shared.zone(named: String(name)) } catch { return nil }
  }
}
