import MoonwheelModel

extension OptionReader {
  /// The URL of `ping`, to whose host the script may connect; nil if there is none.
  func ping(_ permissions: ScriptPermissions) throws(Mistake) -> String? {
    guard let text = try text("ping") else { return nil }
    guard let address = PingAddress(text) else {
      throw Mistake(
        "option \"ping\" must be a URL of http or https, as in \"https://ping.example.org/backup\"")
    }
    if let refusal = permissions.refusal(of: address) {
      throw Mistake("option \"ping\": \(refusal)")
    }
    return text
  }
}
