import Moonwheel

/// A shop that embeds Moonwheel: scripts call its functions, and events go both ways.
@main struct Shop {
  static func main() async throws { print(try await order("Examples/Embedding/scripts")) }

  /// Sends an order to the scripts of a folder, and returns what they answer.
  static func order(_ folder: String) async throws -> Value {
    let scheduler = try Scheduler(Configuration(paths: [folder]))
    try scheduler.register("price") { (item: String) in item == "moon cake" ? 3 : 5 }
    try scheduler.registerAsync("stock") { (item: String) in
      try await Task.sleep(for: .milliseconds(10))  // stands for a query to a database
      return 42
    }
    var events = try scheduler.events("scheduler.started | order.done").makeAsyncIterator()
    async let service: Void = scheduler.run()
    _ = await events.next()  // all scripts have loaded
    try scheduler.emit("order.new", ["item": "moon cake", "count": 2])
    let done = await events.next()
    await scheduler.stop()
    try await service
    return done?.payload ?? .nil
  }
}
