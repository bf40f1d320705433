extension Configuration {
  /// Gives scripts their secrets: the value of a name, or nil if there is none. It is asked with each call of `secret`, so a
  /// value may change; the text that it returns is masked in all that the host logs and stores from then on. It is called on a
  /// thread that runs scripts, and must not block.
  public var secrets: (@Sendable (_ name: String) -> String?)? {
    get { selection.secrets.closure }
    set { selection.secrets.closure = newValue }
  }
}
