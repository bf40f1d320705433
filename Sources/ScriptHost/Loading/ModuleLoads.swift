import MoonwheelModel

/// Which runs of an isolate are loading which modules. A body of a module that waits lets other runs in, which may require it
/// too: they wait until it is there.
struct ModuleLoads {
  enum Answer: Equatable {
    /// The caller is to load it, and to tell the end.
    case load
    /// Another run loads it.
    case wait
    /// The caller waits for itself, by way of these modules.
    case cycle([String])
  }

  /// What each run loads, outermost first; by coroutine.
  private var loading: [UInt32: [String]] = [:]
  /// What runs wait for.
  private var waiting: [UInt32: (module: String, park: ParkID)] = [:]

  mutating func begin(_ module: String, by coroutine: UInt32) -> Answer {
    waiting[coroutine] = nil
    guard let owner = owner(of: module) else {
      loading[coroutine, default: []].append(module)
      return .load
    }
    var chain = (loading[coroutine] ?? []) + [module]
    var next = owner
    while next != coroutine {
      guard let other = waiting[next]?.module, let loader = self.owner(of: other) else {
        return .wait
      }
      chain.append(other)
      next = loader
    }
    return .cycle(chain)
  }

  /// The caller parks until the module is there, or until nobody loads it any more.
  mutating func wait(for module: String, by coroutine: UInt32, _ park: ParkID) {
    waiting[coroutine] = (module, park)
  }

  /// A run is done with its innermost module; answers who waited for it.
  mutating func end(_ module: String, by coroutine: UInt32) -> [ParkID] {
    loading[coroutine]?.removeAll { $0 == module }
    if loading[coroutine]?.isEmpty == true { loading[coroutine] = nil }
    return takeWaiting { $0 == module }
  }

  /// A run was dropped, and none of its code runs any more; answers who waited for what it was loading.
  mutating func drop(_ coroutine: UInt32) -> [ParkID] {
    waiting[coroutine] = nil
    guard let modules = loading.removeValue(forKey: coroutine) else { return [] }
    return takeWaiting { modules.contains($0) }
  }

  private func owner(of module: String) -> UInt32? {
    loading.first { $0.value.contains(module) }?.key
  }

  private mutating func takeWaiting(where isMeant: (String) -> Bool) -> [ParkID] {
    let met = waiting.filter { isMeant($0.value.module) }
    for coroutine in met.keys { waiting[coroutine] = nil }
    return met.values.map(\.park).sorted { $0.serial < $1.serial }
  }
}
