import SystemCalls

/// A path with `*`, `?`, `[a-z]`, or `**` for any folders. `*` and `?` match no dot at the start of a name.
struct PathPattern {
  /// What is before the first part with a pattern; empty for the script's folder.
  let base: RawPath
  private let parts: [ArraySlice<UInt8>]

  private static let special = Set("*?[".utf8)

  /// Nil for a path without a pattern.
  init?(_ path: RawPath) {
    let parts = path.bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard let first = parts.firstIndex(where: { $0.contains(where: Self.special.contains) })
    else { return nil }
    let end = parts[first].startIndex
    guard let base = RawPath(path.bytes[..<max(0, end - 1)]) else { return nil }
    self.base = base.isEmpty && path.bytes.first == UInt8(ascii: "/") ? .root : base
    var kept: [ArraySlice<UInt8>] = []
    for part in parts[first...] where !part.isEmpty && !part.elementsEqual([0x2e]) {
      // `**` twice is as good as once.
      let isCross = part.elementsEqual(Self.cross)
      if !isCross || kept.last?.elementsEqual(Self.cross) != true { kept.append(part) }
    }
    self.parts = kept
  }

  private static let cross = Array("**".utf8)

  /// Throws if it is too long.
  private func check() throws(FileFailure) {
    guard parts.count <= Self.partLimit,
      parts.count(where: { $0.elementsEqual(Self.cross) }) <= Self.crossLimit
    else {
      throw .refused(
        .tooLarge,
        "the pattern has more than \(Self.partLimit) parts, or more than \(Self.crossLimit) times **"
      )
    }
  }

  /// A pattern may have so many parts; with several `**`, folders are looked at again for each way to divide a path.
  private static let partLimit = 64
  private static let crossLimit = 4
  /// Folders and files that are looked at, at most.
  private static let visitLimit = 100_000
  private static let depthLimit = 64

  /// The paths that match, in no order, as the pattern spells them. `base` is the place of ``base``.
  func matches(
    in base: FilePlace, _ files: any FileBackend, atMost limit: Int, while isWanted: () -> Bool
  ) throws(FileFailure) -> [RawPath] {
    try check()
    return try withoutActuallyEscaping(isWanted) { (isWanted) throws(FileFailure) in
      try matches(in: base, files, atMost: limit, isWanted)
    }
  }

  private func matches(
    in base: FilePlace, _ files: any FileBackend, atMost limit: Int,
    _ isWanted: @escaping () -> Bool
  ) throws(FileFailure) -> [RawPath] {
    var walk = Walk(files: files, parts: parts, limit: limit, isWanted: isWanted)
    try walk.visit(base, shown: self.base, part: 0, depth: 0)
    return walk.found
  }

  private struct Walk {
    let files: any FileBackend
    let parts: [ArraySlice<UInt8>]
    let limit: Int
    let isWanted: () -> Bool
    var found: [RawPath] = []
    var visited = 0

    mutating func visit(
      _ folder: FilePlace, shown: RawPath, part index: Int, depth: Int
    ) throws(FileFailure) {
      guard depth <= PathPattern.depthLimit else { return }
      let part = parts[index]
      let isLast = index == parts.count - 1
      let crosses = part.elementsEqual("**".utf8)
      if crosses, !isLast { try visit(folder, shown: shown, part: index + 1, depth: depth) }
      for name in try names(in: folder, isStart: depth == 0) {
        let isHidden = name.bytes.first == 0x2e && part.first != 0x2e
        guard !isHidden, crosses || PathPattern.matches(name.bytes[...], part) else { continue }
        let place = folder.appending(name, shown: folder.shown)
        let path = shown.appending(name)
        if isLast { try add(path) }
        guard crosses || !isLast, try isFolder(place, followingLinks: !crosses) else { continue }
        try visit(place, shown: path, part: crosses ? index : index + 1, depth: depth + 1)
      }
    }

    /// A folder that goes meanwhile, or that links lead out of, has none.
    private mutating func names(
      in folder: FilePlace, isStart: Bool
    ) throws(FileFailure) -> [RawPath] {
      guard isWanted() else { throw .unwanted }
      do throws(FileFailure) {
        let names = try files.names(in: folder, atMost: PathPattern.visitLimit - visited)
        visited += names.count + 1
        if visited > PathPattern.visitLimit {
          throw FileFailure.refused(
            .tooLarge, "more than \(PathPattern.visitLimit) names had to be looked at")
        }
        return names
      } catch {
        guard !isStart, error.isMissing || error.isDenied else { throw error }
        return []
      }
    }

    private func isFolder(
      _ place: FilePlace, followingLinks: Bool
    ) throws(FileFailure) -> Bool {
      do throws(FileFailure) {
        return try files.facts(of: place, followingLinks: followingLinks).kind == .dir
      } catch {
        guard error.isMissing || error.isDenied else { throw error }
        return false
      }
    }

    private mutating func add(_ path: RawPath) throws(FileFailure) {
      guard found.count < limit else {
        throw .refused(.tooLarge, "more than \(limit) names match; narrow the pattern")
      }
      found.append(path)
    }
  }

  /// Whether a name matches one part of a pattern. Time is at most the product of both lengths.
  static func matches(_ name: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
    var (n, p) = (name.startIndex, pattern.startIndex)
    var retry: (n: Int, p: Int)?
    while n < name.endIndex {
      if p < pattern.endIndex, pattern[p] == UInt8(ascii: "*") {
        p += 1
        retry = (n, p)
      } else if let next = step(name[n], pattern, p) {
        n += 1
        p = next
      } else if let last = retry {
        retry = (last.n + 1, last.p)
        (n, p) = (last.n + 1, last.p)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
  }

  /// The index after what matches one byte; nil if it does not match.
  private static func step(_ byte: UInt8, _ pattern: ArraySlice<UInt8>, _ p: Int) -> Int? {
    guard p < pattern.endIndex else { return nil }
    switch pattern[p] {
    case UInt8(ascii: "?"): return p + 1
    case UInt8(ascii: "["):
      guard let end = pattern[(p + 1)...].dropFirst().firstIndex(of: UInt8(ascii: "]")) else {
        return byte == pattern[p] ? p + 1 : nil
      }
      return isInSet(byte, pattern[(p + 1)..<end]) ? end + 1 : nil
    default: return byte == pattern[p] ? p + 1 : nil
    }
  }

  /// `set` is what stands between the brackets, as in `a-z_` or `!0-9`.
  private static func isInSet(_ byte: UInt8, _ set: ArraySlice<UInt8>) -> Bool {
    let isNegated = set.first == UInt8(ascii: "!") || set.first == UInt8(ascii: "^")
    let set = isNegated ? set.dropFirst() : set
    var index = set.startIndex
    while index < set.endIndex {
      if index + 2 < set.endIndex, set[index + 1] == UInt8(ascii: "-") {
        if set[index] <= byte, byte <= set[index + 2] { return !isNegated }
        index += 3
      } else {
        if set[index] == byte { return !isNegated }
        index += 1
      }
    }
    return isNegated
  }
}
