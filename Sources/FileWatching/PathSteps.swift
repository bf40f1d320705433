import SystemCalls

/// How the system gets from a path to a file: through folders and links, or to where it ends.
///
/// `/srv/scripts/job.lua`, a file of a mounted config map, goes by way of
///
///     names    /srv/scripts/job.lua → ..data/job.lua       a link
///              /srv/scripts/..data → ..2026_01_02          a link, swapped to publish new files
///              /srv/scripts/..2026_01_02/job.lua           the file
///     folders  /srv, /srv/scripts, /srv/scripts/..2026_01_02
///
/// so that whoever hears of each name being replaced, and of each folder being moved, knows when
/// the path means another file.
struct PathSteps: Equatable {
  /// Links, and what the last step names, there or not; each in a folder that is there.
  private(set) var names: [String] = []
  /// The folders passed, but for `/`. No link is on the way to them.
  private(set) var folders: [String] = []

  /// As many as Linux follows.
  private static let mostLinks = 40

  init(of path: String, in workingFolder: String) {
    var current = ""
    var rest = PathSteps.parts(path.hasPrefix("/") ? path : workingFolder + "/" + path)
    var links = 0
    while let part = rest.popLast() {
      if part == ".." {
        current = PathSteps.parent(of: current)
        continue
      }
      let step = "\(current)/\(part)"
      guard let status = FileStatus(of: step, followingLinks: false) else {
        names.append(step)
        return
      }
      if status.kind == .link {
        names.append(step)
        links += 1
        guard links <= PathSteps.mostLinks, let target = Paths.target(ofLink: step) else { return }
        if target.hasPrefix("/") { current = "" }
        rest += PathSteps.parts(target)
      } else if status.kind == .folder {
        folders.append(step)
        current = step
      } else {
        names.append(step)
        return
      }
    }
  }

  /// The last part first.
  private static func parts(_ path: String) -> [Substring] {
    path.split(separator: "/").filter { $0 != "." }.reversed()
  }

  static func parent(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
  }
}
