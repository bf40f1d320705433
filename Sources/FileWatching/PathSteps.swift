import SystemCalls

/// The folders and links through which the system resolves a path, up to the file or to the first missing name.
///
/// `/srv/scripts/job.lua`, a file of a mounted config map, resolves through
///
///     names    /srv/scripts/job.lua → ..data/job.lua       a link
///              /srv/scripts/..data → ..2026_01_02          a link, swapped to publish new files
///              /srv/scripts/..2026_01_02/job.lua           the file
///     folders  /srv, /srv/scripts, /srv/scripts/..2026_01_02
///
/// The path can mean another file only after one of the names was replaced or one of the folders was moved.
struct PathSteps: Equatable {
  /// The links, and the last step, which need not exist. The folder of each exists.
  private(set) var names: [String] = []
  /// The folders without `/`. Their paths have no links.
  private(set) var folders: [String] = []

  /// Linux follows so many.
  private static let mostLinks = 40

  init(of path: String, in workingFolder: String) {
    var current = ""
    var rest = PathSteps.parts(path.hasPrefix("/") ? path : workingFolder + "/" + path)
    var links = 0
    while let part = rest.popLast() {
      if part == ".." {
        current = Paths.folder(of: current)
        continue
      }
      let step = "\(current)/\(part)"
      let kind = FileStatus(of: step, followingLinks: false)?.kind
      if kind == .folder {
        folders.append(step)
        current = step
        continue
      }
      names.append(step)
      guard kind == .link else { return }
      links += 1
      guard links <= PathSteps.mostLinks, let target = Paths.target(ofLink: step) else { return }
      if target.hasPrefix("/") { current = "" }
      rest += PathSteps.parts(target)
    }
  }

  /// The parts in reverse order.
  private static func parts(_ path: String) -> [Substring] {
    path.split(separator: "/").filter { $0 != "." }.reversed()
  }
}
