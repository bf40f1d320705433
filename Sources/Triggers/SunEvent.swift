/// What the sun does once a day, seen from a place.
enum SunEvent: String, Hashable, Sendable, CaseIterable {
  case sunrise, sunset, noon, dawn, dusk
}

extension EveryParser {
  mutating func sunEvent() throws(TriggerError) -> Trigger? { nil }
}
