import TimerWheel

/// Pops all timers that are due at `now`.
func popAll(from wheel: inout TimerWheel, at now: Tick) -> [ExpiredTimer] {
  var batch: [ExpiredTimer] = []
  while let timer = wheel.popExpired(at: now) { batch.append(timer) }
  return batch
}

/// Pops all timers that are due at `now` and returns their payloads.
func payloads(from wheel: inout TimerWheel, at now: UInt64) -> [UInt64] {
  popAll(from: &wheel, at: Tick(now)).map(\.payload)
}

/// The first tick of each level for a cursor at 0, the ticks around it, and the extremes.
let boundaries: [UInt64] = {
  var ticks: Set<UInt64> = [0, 1, 2, .max - 1, .max]
  for level in 1...10 {
    let first = UInt64(1) << UInt64(6 * level)
    ticks.formUnion([first - 1, first, first + 1, first * 2 - 1, first * 2, first &* 63])
  }
  return ticks.sorted()
}()
