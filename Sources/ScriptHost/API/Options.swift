import MoonwheelModel

/// Options by name, as a script gives them. There are few, and each is looked for among some forty that could be there: to
/// compare them one by one costs less than to hash all those names.
struct Options {
  private var pairs: [(name: String, value: Value)]

  init() { pairs = [] }

  /// All keys must be texts.
  init(_ table: [Value: Value]) throws(Mistake) {
    pairs = table.compactMap { key, value in key.text.map { ($0, value) } }
    guard pairs.count < table.count else { return }
    let others = table.keys.filter { $0.text == nil }.map(\.described)
    throw Mistake("options have names, but there is one under \(others.min() ?? "")")
  }

  /// In no order.
  var isEmpty: Bool { pairs.isEmpty }

  var names: [String] { pairs.map(\.name) }

  subscript(name: String) -> Value? {
    get { place(of: name).map { pairs[$0].value } }
    set {
      switch (place(of: name), newValue) {
      case (let place?, let value?): pairs[place].value = value
      case (let place?, nil): pairs.remove(at: place)
      case (nil, let value?): pairs.append((name, value))
      case (nil, nil): break
      }
    }
  }

  private func place(of name: String) -> Int? {
    let length = name.utf8.count
    return pairs.firstIndex { $0.name.utf8.count == length && $0.name == name }
  }

  /// What the other has goes over what is there.
  mutating func merge(_ other: Options) {
    for (name, value) in other.pairs { self[name] = value }
  }
}
