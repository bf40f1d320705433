extension Schema {
  /// Version 5: what modules and the control of jobs keep.
  static let modules = [keyValues].joined(separator: "\n")
}
