import MoonwheelModel

/// Tracks which runs of an isolate load which modules. While a module's body waits, other runs may require the same
/// module: they wait until its load has ended.
struct ModuleLoads {
  enum Answer: Equatable {
    /// The caller must load it and call ``end(_:by:)``.
    case load
    /// Another run loads it.
    case wait
    /// The caller would wait for itself, through these modules.
    case cycle([String])
  }

  /// Modules that each run loads, outermost first; by coroutine.
  private var loading: [UInt32: [String]] = [:]
  /// The module that each waiting run waits for; by coroutine.
  private var waiting: [UInt32: (module: String, park: ParkID)] = [:]

  /// Whether no module loads now.
  var isEmpty: Bool { loading.isEmpty }

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

  /// The caller parks until the load of the module ends, well or not.
  mutating func wait(for module: String, by coroutine: UInt32, _ park: ParkID) {
    waiting[coroutine] = (module, park)
  }

  /// The load of a run's innermost module has ended. Returns the waits to wake.
  mutating func end(_ module: String, by coroutine: UInt32) -> [ParkID] {
    loading[coroutine]?.removeAll { $0 == module }
    if loading[coroutine]?.isEmpty == true { loading[coroutine] = nil }
    return removeWaiting { $0 == module }
  }

  /// A run was dropped, and its loads end with it. Returns the waits to wake.
  mutating func drop(_ coroutine: UInt32) -> [ParkID] {
    waiting[coroutine] = nil
    guard let modules = loading.removeValue(forKey: coroutine) else { return [] }
    return removeWaiting { modules.contains($0) }
  }

  private func owner(of module: String) -> UInt32? {
    loading.first { $0.value.contains(module) }?.key
  }

  private mutating func removeWaiting(where isMeant: (String) -> Bool) -> [ParkID] {
    let met = waiting.filter { isMeant($0.value.module) }
    for coroutine in met.keys { waiting[coroutine] = nil }
    return met.values.map(\.park).sorted { $0.serial < $1.serial }
  }
}
