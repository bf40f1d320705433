import SystemCalls

extension Environment {
  /// The value of a variable; nil if it is not set, or empty.
  static func nonEmpty(_ name: String) -> String? {
    value(of: name).flatMap { $0.isEmpty ? nil : $0 }
  }
}

/// The value of `MOONWHEEL_NAME`, which replaces a flag that is not given; nil if it is not set, or empty.
func environment(_ name: String) -> String? { Environment.nonEmpty("MOONWHEEL_" + name) }

/// Whether `MOONWHEEL_NAME` is `1`, `true`, `yes` or `on`.
func environmentFlag(_ name: String) -> Bool {
  ["1", "true", "yes", "on"].contains(environment(name)?.lowercased() ?? "")
}
