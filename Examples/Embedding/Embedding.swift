import Logging
import Moonwheel
import ServiceLifecycle

/// A server that embeds Moonwheel: scripts call its functions, and events go both ways.
@main struct Embedding: Service {
  let scheduler: Scheduler
  let onDone: @Sendable (Event) -> Void

  static func main() async throws {
    try await serve(["Examples/Embedding/scripts"]) { print($0.name, $0.payload) }
  }

  /// Runs until the process gets SIGTERM or SIGINT.
  static func serve(_ paths: [String], onDone: @escaping @Sendable (Event) -> Void) async throws {
    let scheduler = try Scheduler(Configuration(paths: paths))
    try scheduler.register("price") { $0 == ["moon cake"] ? 3 : 5 }
    try scheduler.registerAsync("stock") { _ in
      try await Task.sleep(for: .milliseconds(10))  // stands for a query to a database
      return 42
    }
    let shop = Embedding(scheduler: scheduler, onDone: onDone)
    try await ServiceGroup(
      services: [shop, scheduler], gracefulShutdownSignals: [.sigterm, .sigint],
      logger: Logger(label: "shop")
    ).run()
  }

  func run() async throws {
    let events = try scheduler.events("scheduler.started | order.done").cancelOnGracefulShutdown()
    for await event in events {
      guard event.name == "scheduler.started" else {
        onDone(event)
        continue
      }
      try scheduler.emit("order.new", ["item": "moon cake", "count": 2], source: "shop")
    }
  }
}
