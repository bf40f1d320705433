import JobStore
import MoonwheelModel
import ScriptHost

extension StoreWriter {
  /// A writer that reports to the inbox what is stored, and that logs and publishes when the store fails and recovers.
  convenience init(
    store: any JobStore, inbox: Inbox, bus: EventBus, log: ScriptLog, metrics: StoreMetrics
  ) {
    self.init(
      store: store, metrics: metrics,
      onStored: { inbox.post(.stored(tickets: $0, failure: $1)) },
      onHealth: { health in
        switch health {
        case .degraded(let error):
          log.logger.error(
            "the store fails, and jobs go on: what cannot be made durable is refused, history is kept in memory. \(error)",
            metadata: ["event": "scheduler.degraded"])
          bus.publish(
            Event(
              name: "scheduler.degraded",
              payload: [
                "error": .string(error.description), "code": .string(error.code.rawValue),
              ]))
        case .recovered(let dropped):
          let loss =
            dropped == 0 ? "nothing was lost" : "\(dropped) changes of the history were lost"
          log.logger.info(
            "the store works again; \(loss)", metadata: ["event": "scheduler.recovered"])
          bus.publish(
            Event(name: "scheduler.recovered", payload: ["dropped": .integer(Int64(dropped))]))
        case .slow(let dropped):
          log.repeatable(
            .warning,
            "more runs failed, or were decided against, than the store could take: \(dropped) entries of the history were left out",
            ["event": "scheduler.history_dropped"])
        }
      })
  }
}
