import MoonwheelModel

extension JobTable {
  /// The most jobs of which a load tells one by one.
  private static let toldOneByOne = 10

  /// The events about those of the jobs that somebody holds back, although their script has them. The log shows them,
  /// whoever listens.
  func held(_ indices: [JobIndex]) -> [HostEvent] {
    let held = indices.filter { self[$0].hold != nil }.sorted()
    var events = held.prefix(Self.toldOneByOne).map { index in
      let hold = self[index].hold
      return HostEvent(
        kind: .jobHeld, script: self[index].script, job: self[index].name, run: nil,
        scheduledAt: hold?.since, count: 1, reason: hold?.reason, failure: nil,
        status: hold?.state.rawValue, isAboutHostHandler: self[index].schedule.isHostHandler,
        depth: 0)
    }
    if let other = held.dropFirst(Self.toldOneByOne).first {
      events.append(
        HostEvent(
          kind: .jobHeld, script: self[other].script, job: "", run: nil, scheduledAt: nil,
          count: Int64(held.count - Self.toldOneByOne), reason: nil, failure: nil,
          isAboutHostHandler: false, depth: 0))
    }
    return events
  }
}
