import MoonwheelModel

extension StoredState {
  /// Adds a request, in the order of ids, or replaces the one with its id.
  package mutating func add(_ request: AfterRunRequest) {
    let place = afterRuns.firstIndex { $0.id >= request.id } ?? afterRuns.count
    if place < afterRuns.count, afterRuns[place].id == request.id {
      afterRuns[place] = request
    } else {
      afterRuns.insert(request, at: place)
    }
  }

  package mutating func removeAfterRun(_ id: Int64) { afterRuns.removeAll { $0.id == id } }
}
