import SystemCalls

/// When a handler starts, in monotonic time, and what is added to that to get elapsed and wall time.
struct HandlerStart {
  var at: Int64
  let offset: Int64
  let wallOffset: Int64

  init(at: Int64, offset: Int64, wallOffset: Int64) {
    self.at = at
    self.offset = offset
    self.wallOffset = wallOffset
  }

  /// Now.
  init(_ clock: any SchedulerClock) {
    let now = clock.read()
    at = Clocks.monotonic()
    offset = now.elapsed - at
    wallOffset = now.wall.nanoseconds - at
  }
}
