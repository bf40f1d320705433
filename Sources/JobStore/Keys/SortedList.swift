/// Elements in order, each once. Insertion and removal take O(√n) moves, so that 100,000 keys can come in any order.
struct SortedList<Element: Comparable & Sendable>: Sendable {
  private static var chunkLimit: Int { 512 }

  /// In order; none is empty.
  private var chunks: [[Element]] = []

  var first: Element? { chunks.first?.first }

  mutating func insert(_ element: Element) {
    guard !chunks.isEmpty else {
      chunks = [[element]]
      return
    }
    let chunk = chunk(of: element)
    let index = chunks[chunk].index(of: element)
    guard index == chunks[chunk].count || chunks[chunk][index] != element else { return }
    chunks[chunk].insert(element, at: index)
    guard chunks[chunk].count > Self.chunkLimit else { return }
    let half = chunks[chunk].count / 2
    chunks.insert(Array(chunks[chunk][half...]), at: chunk + 1)
    chunks[chunk].removeSubrange(half...)
  }

  mutating func remove(_ element: Element) {
    guard !chunks.isEmpty else { return }
    let chunk = chunk(of: element)
    let index = chunks[chunk].index(of: element)
    guard index < chunks[chunk].count, chunks[chunk][index] == element else { return }
    chunks[chunk].remove(at: index)
    if chunks[chunk].isEmpty { chunks.remove(at: chunk) }
  }

  /// The last chunk that begins with this element or an earlier one, or the first chunk.
  private func chunk(of element: Element) -> Int {
    var (low, high) = (0, chunks.count)
    while low < high {
      let middle = (low + high) / 2
      if chunks[middle][0] <= element { low = middle + 1 } else { high = middle }
    }
    return max(0, low - 1)
  }

  /// The elements that are not before `start`, in order, as far as `body` returns true.
  func visit(from start: Element, _ body: (Element) -> Bool) {
    guard !chunks.isEmpty else { return }
    for chunk in chunks[chunk(of: start)...] {
      for element in chunk where element >= start {
        guard body(element) else { return }
      }
    }
  }

  /// All elements in order, as far as `body` returns true.
  func visit(_ body: (Element) -> Bool) {
    if let first { visit(from: first, body) }
  }
}

extension Array where Element: Comparable {
  /// The index of the first element that is not before this one.
  fileprivate func index(of element: Element) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < element { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
