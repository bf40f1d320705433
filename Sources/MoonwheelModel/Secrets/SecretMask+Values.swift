/// Secrets in what has texts in it.
extension SecretMask {
  package func masked(_ text: String?) -> String? { text.map { masked($0) } }

  package func masked(_ value: Value) -> Value {
    switch value {
    case .nil, .null, .bool, .integer, .number, .callback, .job: value
    case .string(let text): .string(masked(text))
    case .bytes(let bytes): .bytes(masked(bytes))
    case .list(let values): .list(values.map { masked($0) })
    case .table(let pairs):
      .table(
        Dictionary(pairs.map { (masked($0.key), masked($0.value)) }) { first, _ in first })
    }
  }

  package func masked(_ failure: RunFailure) -> RunFailure {
    var failure = failure
    failure.message = masked(failure.message)
    failure.traceback = masked(failure.traceback)
    failure.data = masked(failure.data)
    return failure
  }

  /// Its failure only: a result is data until it is kept or shown.
  package func masked(_ outcome: Run.Outcome) -> Run.Outcome {
    switch outcome {
    case .succeeded, .cancelledJob, .declined, .misfired: outcome
    case .failed(let failure): .failed(masked(failure))
    case .timedOut(let failure): .timedOut(masked(failure))
    case .cancelled(let failure): .cancelled(masked(failure))
    case .dropped(let failure): .dropped(masked(failure))
    case .evicted(let failure): .evicted(masked(failure))
    case .abandoned(let failure): .abandoned(masked(failure))
    }
  }

  /// The event itself if it has none, so that it stays encoded and keeps its hold.
  package func masked(_ event: Event) -> Event {
    let name = masked(event.name)
    if name == event.name, let encoded = event.encodedPayload, !isIn(encoded.bytes) { return event }
    return Event(
      name: name, payload: masked(event.payload), source: event.source, depth: event.depth)
  }
}
