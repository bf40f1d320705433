extension Sequence {
  /// The first elements, up to a sum of bytes; at least one.
  package func first(_ footprint: (Element) -> Int, upTo bytes: Int) -> [Element] {
    var left = bytes
    var found: [Element] = []
    for element in self {
      left -= footprint(element)
      guard left >= 0 || found.isEmpty else { break }
      found.append(element)
    }
    return found
  }
}
