import MoonwheelModel
import Triggers

extension JobPolicy {
  init(
    overlap: Overlap = .skip, backlog: Int = 1, maxInstances: Int = 16, fixedDelay: Bool = false,
    now: Bool = false, priority: Int = 0, paused: Bool = false, grace: Int64? = nil,
    catchup: Catchup? = nil, catchupLimit: Int = 1_000, retry: RetryPolicy? = nil,
    restart: Bool? = nil, state: Value? = nil, hooks: Hooks = [], debounce: Int64? = nil,
    batch: Int? = nil
  ) {
    self.init()
    self.overlap = overlap
    self.backlog = backlog
    self.maxInstances = maxInstances
    self.fixedDelay = fixedDelay
    self.now = now
    self.priority = priority
    self.paused = paused
    self.grace = grace
    self.catchup = catchup
    self.catchupLimit = catchupLimit
    self.retry = retry
    self.restart = restart
    self.state = state
    self.hooks = hooks
    self.debounce = debounce
    self.batch = batch
  }
}

extension FireWindow {
  init(
    from: Timestamp? = nil, fromAfter: Int64? = nil, till: Timestamp? = nil,
    tillAfter: Int64? = nil, times: Int64? = nil, jitter: Int64 = 0, seed: UInt64 = 0
  ) {
    self.init()
    self.from = from
    self.fromAfter = fromAfter
    self.till = till
    self.tillAfter = tillAfter
    self.times = times
    self.jitter = jitter
    self.seed = seed
  }
}
