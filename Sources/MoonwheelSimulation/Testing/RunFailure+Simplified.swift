import MoonwheelModel
import ScriptHost

extension ScriptError {
  package var failure: RunFailure { RunFailure(message: message, traceback: traceback) }
}

extension RunFailure {
  /// The failure as the author of a test sees it. A place in Moonwheel's own Lua becomes the place of the test, and a
  /// traceback that only repeats the message is left out.
  func simplified(at place: String) -> RunFailure {
    var failure = self
    if let own = message.leadingPlace, own.hasPrefix("moonwheel:") {
      failure.message = "\(place):\(message.dropFirst(own.count))"
    }
    var frames = traceback.split(separator: "\n")
    if frames.count > 1, frames[1].hasPrefix("\t[C]: in ") { frames.remove(at: 1) }
    if frames.count == 2, let raised = failure.message.leadingPlace,
      frames[1].hasPrefix("\t\(raised)")
    {
      frames = []
    }
    failure.traceback = frames.joined(separator: "\n")
    return failure
  }
}

extension String {
  /// The place with which the text begins, as in `file.lua:12:`; nil if it does not begin with one.
  fileprivate var leadingPlace: Substring? {
    prefixMatch(of: /[^:]*:[0-9]+:/)?.output
  }
}
