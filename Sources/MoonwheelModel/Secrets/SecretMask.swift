/// Finds secrets in text, in all their forms, and puts `***` in their place.
///
/// A form counts from its first half on, so that a text which was cut within a secret does not show what is left of it, unless that
/// is less than half.
///
/// The search looks at two bytes, and goes on by up to seven if no form has these two near its start (Wu and Manber, "A
/// fast algorithm for multi-pattern searching", 1994). Immutable, so any thread uses it; it has 64 KiB.
package final class SecretMask: Sendable {
  /// Fewer bytes are not masked: a mask of `1` or `test` would make a log that nobody can read.
  package static let shortest = 8
  private static let stars = Array("***".utf8)

  private struct Form: Sendable {
    let bytes: [UInt8]
    /// How many of them must be there.
    var least: Int { max(SecretMask.shortest, (bytes.count + 1) / 2) }
  }

  private let forms: [Form]
  /// By two bytes, how far the search may go on; 0 if they are the 7th and 8th byte of a form.
  private let skips: [UInt8]
  /// The indices of those forms.
  private let candidates: [UInt16: [Int]]

  package init(_ secrets: some Sequence<[UInt8]>) {
    let all = secrets.filter { $0.count >= Self.shortest }.map(SecretForms.all)
    forms = all.reduce(into: Set()) { $0.formUnion($1) }.map { Form(bytes: $0) }
    let last = Self.shortest - 2
    var skips = [UInt8](repeating: UInt8(last + 1), count: 1 << 16)
    var candidates: [UInt16: [Int]] = [:]
    for (index, form) in forms.enumerated() {
      for place in 0...last {
        let pair = Self.pair(form.bytes[place], form.bytes[place + 1])
        skips[Int(pair)] = min(skips[Int(pair)], UInt8(last - place))
        if place == last { candidates[pair, default: []].append(index) }
      }
    }
    self.skips = skips
    self.candidates = candidates
  }

  private static func pair(_ first: UInt8, _ second: UInt8) -> UInt16 {
    UInt16(first) << 8 | UInt16(second)
  }

  /// The text without secrets.
  package func masked(_ text: String) -> String {
    let found = places(in: text.utf8.span)
    guard !found.isEmpty else { return text }
    return String(decoding: Self.replace(found, in: Array(text.utf8)), as: UTF8.self)
  }

  package func masked(_ bytes: [UInt8]) -> [UInt8] {
    let found = places(in: bytes.span)
    return found.isEmpty ? bytes : Self.replace(found, in: bytes)
  }

  /// Whether so many bytes of a secret, or more, are there.
  package func isIn(_ bytes: [UInt8], atLeast least: Int = shortest) -> Bool {
    places(in: bytes.span).contains { $0.count >= least }
  }

  private static func replace(_ places: [Range<Int>], in bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var done = 0
    for place in places {
      result += bytes[done..<place.lowerBound] + stars
      done = place.upperBound
    }
    return result + bytes[done...]
  }

  /// Where secrets are, in their order; none touches the next one.
  private func places(in bytes: Span<UInt8>) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var end = Self.shortest - 1
    while end < bytes.count {
      let pair = Self.pair(bytes[end - 1], bytes[end])
      let skip = skips[Int(pair)]
      guard skip == 0 else {
        end += Int(skip)
        continue
      }
      let start = end - Self.shortest + 1
      var longest = 0
      for index in candidates[pair] ?? [] {
        longest = max(longest, length(of: forms[index], in: bytes, from: start))
      }
      if longest > 0 { Self.add(start..<start + longest, to: &found) }
      end += 1
    }
    return found
  }

  /// A secret may begin within another one.
  private static func add(_ place: Range<Int>, to found: inout [Range<Int>]) {
    guard let last = found.last, place.lowerBound <= last.upperBound else {
      found.append(place)
      return
    }
    found[found.count - 1] = last.lowerBound..<max(last.upperBound, place.upperBound)
  }

  /// How much of a form is there; 0 for less than its half.
  private func length(of form: Form, in bytes: Span<UInt8>, from start: Int) -> Int {
    let limit = min(form.bytes.count, bytes.count - start)
    var length = 0
    while length < limit, form.bytes[length] == bytes[start + length] { length += 1 }
    return length < form.least ? 0 : length
  }
}
