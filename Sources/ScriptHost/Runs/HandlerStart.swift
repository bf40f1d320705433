import SystemCalls

/// The start of an event handler. The offsets convert monotonic time to elapsed and wall time.
struct HandlerStart {
  /// Monotonic time.
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
