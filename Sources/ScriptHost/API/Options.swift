import MoonwheelModel

/// Options by name. A list, not a dictionary: a job has few options, and the reader looks up about forty names;
/// comparing them costs less than hashing.
struct Options {
  private var pairs: [(name: String, value: Value)]

  init() { pairs = [] }

  /// Throws if a key is not a string.
  init(_ table: [Value: Value]) throws(Mistake) {
    pairs = table.compactMap { key, value in key.text.map { ($0, value) } }
    guard pairs.count < table.count else { return }
    let others = table.keys.filter { $0.text == nil }.map(\.described)
    throw Mistake("options have names, but there is one under \(others.min() ?? "")")
  }

  var isEmpty: Bool { pairs.isEmpty }

  /// In no particular order.
  var names: [String] { pairs.map(\.name) }

  subscript(name: String) -> Value? {
    get { index(of: name).map { pairs[$0].value } }
    set {
      switch (index(of: name), newValue) {
      case (let index?, let value?): pairs[index].value = value
      case (let index?, nil): pairs.remove(at: index)
      case (nil, let value?): pairs.append((name, value))
      case (nil, nil): break
      }
    }
  }

  private func index(of name: String) -> Int? {
    let length = name.utf8.count
    return pairs.firstIndex { $0.name.utf8.count == length && $0.name == name }
  }

  /// With the options of `other`, which replace those of equal names.
  func merged(with other: Options) -> Options {
    var merged = self
    for (name, value) in other.pairs { merged[name] = value }
    return merged
  }

  /// About how many bytes of memory it takes.
  var footprint: Int {
    pairs.reduce(0) { $0 + 64 + Value.footprint(of: $1.name) + $1.value.footprint }
  }
}
