import JobHistory
import Moonwheel
import SystemCalls

/// A folder of scripts, or a script, that stands among the words of `runs` and `why` in place of its store.
///
/// The word may also be the id of a run or the name of a job, so its spelling decides first: a word with a `/`, or that
/// begins with a dot, or ends in `.lua`, is a path if something is there. A plain word that names a folder is its path
/// only where nothing else is possible.
enum StorePlace {
  /// The words of `runs`: `[PATH] [ID]`, in either order.
  static func read(runs words: [String]) throws(Failure) -> (path: String?, id: Run.ID?) {
    var left = words
    let path = try take(from: &left) { Run.ID($0) == nil }
    guard let word = left.first else { return (path, nil) }
    guard left.count == 1 else {
      throw Failure(
        "neither \(quoted(words[0])) nor \(quoted(words[1])) is a folder of scripts or a script",
        code: 64)
    }
    guard let id = Run.ID(word) else {
      throw Failure(
        "\(quoted(word)) is not the id of a run: an id has 13 letters and digits; "
          + "nor is it a folder of scripts or a script; --store FILE names a store",
        code: 64)
    }
    return (path, id)
  }

  /// The words of `why`: `[PATH] JOB [TIME]`; the path may also come last.
  static func read(
    why words: [String]
  ) throws(Failure) -> (path: String?, job: String, time: String?) {
    var left = words
    // One plain word is the job, even if a folder has its name; of two, the second may be a time, and then
    // the first is the job.
    let isJob = words.count == 1 || (words.count == 2 && isTime(words[1]))
    let path = try take(from: &left) { _ in !isJob }
    guard let job = left.first else {
      let place = path.map { " of \(quoted($0))" } ?? ""
      throw Failure(
        "name the job\(place) whose fires are asked for: why [PATH] JOB [TIME]", code: 64)
    }
    guard left.count < 3 else {
      throw Failure(
        "neither \(quoted(words[0])) nor \(quoted(words[2])) is a folder of scripts or a script",
        code: 64)
    }
    return (path, job, left.dropFirst().first)
  }

  /// Removes the first word that is a path, else the last one.
  ///
  /// - Parameter mayBePath: whether a plain word that names a folder can be its path.
  private static func take(
    from words: inout [String], mayBePath: (String) -> Bool
  ) throws(Failure) -> String? {
    for index in Set([0, words.count - 1]).sorted() where words.indices.contains(index) {
      let word = words[index]
      guard exists(word) else {
        guard word.hasSuffix("/") else { continue }
        throw Failure("\(word.escapingControls): no such script or folder")
      }
      if isSpelledAsPath(word) || mayBePath(word) { return words.remove(at: index) }
    }
    return nil
  }

  private static func isSpelledAsPath(_ word: String) -> Bool {
    word.contains("/") || word.hasPrefix(".") || word.hasSuffix(".lua")
  }

  private static func exists(_ word: String) -> Bool {
    switch FileStatus(of: word)?.kind {
    case .folder: true
    case .file: word.hasSuffix(".lua")
    case .link, .other, nil: false
    }
  }

  private static func isTime(_ word: String) -> Bool {
    do {
      _ = try readPastTime(word, in: .utc, word: "the time")
      return true
    } catch { return false }
  }

  private static func quoted(_ word: String) -> String { "\"\(word.escapingControls)\"" }
}
