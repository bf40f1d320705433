import ArgumentParser

/// What shells offer when a user asks to complete the value of an argument.
extension CompletionKind {
  /// Scripts, and folders that may have some.
  static let script = file(extensions: ["lua"])

  /// The time zones of the system. `tzdata` has this list on every distribution.
  static let timeZone = shellCommand(
    "echo UTC; grep -v '^#' /usr/share/zoneinfo/zone.tab | cut -f 3")

  static func choices<T: RawRepresentable & CaseIterable>(of type: T.Type) -> CompletionKind
  where T.RawValue == String {
    list(T.allCases.map(\.rawValue))
  }
}
