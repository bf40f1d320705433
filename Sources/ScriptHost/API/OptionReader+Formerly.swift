/// The option `formerly` of `defaults`, which belongs to the script and not to its jobs.
extension OptionReader {
  static let formerly = "formerly"
  private static let limit = 100

  /// The other options, and the former names of the script.
  func withoutFormerNames() throws(Mistake) -> (Options, [String]) {
    var rest = options
    rest[Self.formerly] = nil
    guard let value = self[Self.formerly] else { return (rest, []) }
    let names = if let name = value.text { [name] } else { try texts(Self.formerly) }
    guard names.count <= Self.limit, !names.contains("") else {
      throw Mistake(
        "option \"formerly\" must be the former name of the script, as in \"a.lua\", or a list of up to \(Self.limit)"
      )
    }
    return (rest, names)
  }
}
