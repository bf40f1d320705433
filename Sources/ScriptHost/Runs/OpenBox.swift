/// An event box in the hands of its run: it closes with the last reference to it, which is the run's. So it ends with
/// the run, however that ends. It belongs to the worker that executes the run.
final class OpenBox {
  /// The most that one run may have.
  static let limit = 100

  let box: EventBox
  private let bus: EventBus
  /// Elapsed time at which the wait for its next event times out; the maximum for never.
  var until = Int64.max
  /// How many lost events the log has told of.
  var reportedDrops = 0

  init(_ box: EventBox, on bus: EventBus) {
    self.box = box
    self.bus = bus
  }

  deinit { bus.close(box) }
}
