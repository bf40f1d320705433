import MoonwheelModel

extension EventBus {
  /// Opens a box that keeps the events that match, from now until ``close(_:)``.
  func listen(for pattern: EventPattern, of script: ScriptID, limit: Int) -> EventBox {
    var opened: EventBox?
    change { state in
      opened = state.boxes.open(pattern, of: script, limit: limit)
      state.addToQuota(pattern, of: script)
      return state.updateInterest(adding: pattern)
    }
    guard let opened else { preconditionFailure("a change of the bus did not happen") }
    return opened
  }

  func close(_ box: EventBox) {
    change { state in
      if state.boxes.remove(box) { state.removeFromQuota(box.pattern, of: box.script) }
      return false
    }
    box.close()
  }

  /// Number of open boxes. For tests.
  var boxCount: Int { read { $0.boxes.count } }
}
