import Glibc

/// A path from the root of the file system, without `.` and `..`; links stay as they are.
func absolutePath(_ path: String) -> String {
  var parts: [Substring] = []
  let full = path.hasPrefix("/") ? path : currentFolder() + "/" + path
  for part in full.split(separator: "/") where part != "." {
    if part == ".." {
      _ = parts.popLast()
    } else {
      parts.append(part)
    }
  }
  // Not by joined(), which asks the runtime for much when it is used first.
  return parts.isEmpty ? "/" : parts.reduce(into: "") { $0 += "/" + $1 }
}

private func currentFolder() -> String {
  guard let path = unsafe getcwd(nil, 0) else { return "/" }
  defer { unsafe free(path) }
  return unsafe String(cString: path)
}
