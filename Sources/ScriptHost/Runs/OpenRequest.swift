import SchedulerCore

/// A request to a trigger function, and where its answer goes.
struct OpenRequest: Sendable {
  let request: NextFireRequest
  let reply: @Sendable (NextFireAnswer) -> Void
}
