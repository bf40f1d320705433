import MoonwheelModel

extension RunFailure {
  /// Without what a test's author has no use for: places in what Moonwheel itself has of Lua, and a stack that says no more
  /// than the message. `place` is the test's.
  func tidied(at place: String) -> RunFailure {
    var tidy = self
    if let own = message.leadingPlace, own.hasPrefix("moonwheel:") {
      tidy.message = "\(place):\(message.dropFirst(own.count))"
    }
    var frames = traceback.split(separator: "\n")
    if frames.count > 1, frames[1].hasPrefix("\t[C]: in ") { frames.remove(at: 1) }
    if frames.count == 2, let raised = tidy.message.leadingPlace, frames[1].hasPrefix("\t\(raised)")
    {
      frames = []
    }
    tidy.traceback = frames.joined(separator: "\n")
    return tidy
  }
}

extension String {
  /// `file.lua:12:`, where it begins with a place.
  fileprivate var leadingPlace: Substring? {
    guard let name = firstIndex(of: ":") else { return nil }
    let number = self[index(after: name)...].prefix { $0.isWholeNumber }
    guard !number.isEmpty, number.endIndex < endIndex, self[number.endIndex] == ":" else {
      return nil
    }
    return self[...number.endIndex]
  }
}
