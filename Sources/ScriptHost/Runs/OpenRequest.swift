import SchedulerCore

/// A question that is being answered, and who is to be told.
struct OpenRequest: Sendable {
  let request: NextFireRequest
  let tell: @Sendable (NextFireAnswer) -> Void
}
