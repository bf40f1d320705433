extension AtParser {
  /// One instant; two if a local time comes twice and both count; none if it is relative and the clocks skip it, which is
  /// no error, because the text has an instant on other days.
  mutating func resolved() throws(TriggerError)
    -> (instants: [Timestamp], isRelative: Bool, warnings: [String])
  {
    switch try parse() {
    case .instant(let instant): return ([instant], false, [])
    case .local(let local, let nanoseconds):
      let found = instants(of: local)
      guard !found.instants.isEmpty else {
        throw TriggerError(
          .neverFires,
          "\(cursor.subject) never fires: \(local) does not exist in \(options.zone.name), "
            + "and gap is \"skip\"", column: 1)
      }
      return (found.instants.map { $0.advanced(by: nanoseconds) }, false, found.warnings)
    case .relative(let days, let second, let nanoseconds):
      var warnings: [String] = []
      for day in days {
        let found = instants(of: LocalTime(secondsSince1970: Int64(day) * 86400 + Int64(second)))
        let instants = found.instants.map { $0.advanced(by: nanoseconds) }
          .filter { $0 > options.now || days.count == 1 }
        if !instants.isEmpty { return (instants, true, found.warnings) }
        warnings = warnings.isEmpty ? found.warnings : warnings
      }
      return ([], true, warnings)
    }
  }

  private func instants(of local: LocalTime) -> (instants: [Timestamp], warnings: [String]) {
    let policy = ClockPolicy(options, wildcard: false)
    switch options.zone.instants(of: local) {
    case .one(let instant): return ([instant], [])
    case .gap(let change):
      let warning = "\(local.shortClock) does not exist on \(local.date) in \(options.zone.name)"
      if policy.gap == .skip { return ([], [warning]) }
      let shifted = Timestamp(seconds: local.secondsSince1970 - Int64(change.offsetBefore))
      let fire = policy.gap == .after ? change.at : shifted
      let clock = options.zone.localTime(of: fire).shortClock(besides: local)
      return ([fire], ["\(warning) and fires at \(clock)"])
    case .fold(let first, let last):
      let warning =
        "\(local.shortClock) comes twice on \(local.date) in \(options.zone.name) and fires "
        + policy.fold.words
      switch policy.fold {
      case .first: return ([first], [warning])
      case .last: return ([last], [warning])
      case .both: return ([first, last], [warning])
      }
    }
  }
}
