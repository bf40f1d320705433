/// The name of a host in the form in which names are compared: lower case, without a dot at the end, and labels that are
/// not ASCII in their ASCII form (RFC 3492).
struct HostName: Sendable, Hashable {
  let text: String

  /// Throws what is wrong with it, with the remedy.
  init(_ name: some StringProtocol) throws(EntryProblem) {
    var name = String(name)
    if name.hasSuffix("."), !name.hasSuffix("..") { name.removeLast() }
    guard !name.isEmpty else { throw EntryProblem("there is no host") }
    var labels: [String] = []
    for label in name.split(separator: ".", omittingEmptySubsequences: false) {
      labels.append(try Self.label(label))
    }
    text = labels.joined(separator: ".")
    guard text.utf8.count <= 253 else { throw EntryProblem("a host has at most 253 characters") }
    guard !Self.isNumber(labels[labels.count - 1]) else {
      throw EntryProblem(
        "programs read this as an address, and not all of them as the same one: write an address as four numbers, as in 127.0.0.1"
      )
    }
  }

  /// What the system's functions take for a part of an address: `127`, `0x7f`.
  private static func isNumber(_ label: String) -> Bool {
    if label.hasPrefix("0x") { return label.utf8.dropFirst(2).allSatisfy(\.isHexDigit) }
    return label.utf8.allSatisfy(\.isDigit)
  }

  private static func label(_ label: Substring) throws(EntryProblem) -> String {
    let folded = label.utf8.allSatisfy { $0 < 128 } ? ascii(label) : try encoded(label)
    guard !folded.isEmpty else { throw EntryProblem("a part between dots is empty") }
    guard folded.utf8.count <= 63 else {
      throw EntryProblem("a part between dots has at most 63 characters")
    }
    let isName = folded.utf8.allSatisfy { byte in
      byte.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }
    guard isName else {
      throw EntryProblem(
        "a host has letters, digits, - and dots, and * only as its first part, as in *.example.com")
    }
    return folded
  }

  private static func ascii(_ label: Substring) -> String {
    String(decoding: label.utf8.map { (65...90).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
  }

  /// Refuses what names do not have after their normalization (UTS 46), instead of normalizing it: full tables are for
  /// who resolves names.
  private static func encoded(_ label: Substring) throws(EntryProblem) -> String {
    let scalars = Array(String(label).lowercased().unicodeScalars)
    let isNormal = scalars.allSatisfy { scalar in
      let properties = scalar.properties
      return (properties.isAlphabetic || properties.numericType != nil || scalar == "-")
        && !properties.changesWhenNFKCCaseFolded
        && properties.canonicalCombiningClass == .notReordered
    }
    guard isNormal, let text = Punycode.encode(scalars) else {
      throw EntryProblem("write this name in its ASCII form, which begins with xn--")
    }
    return "xn--" + text
  }
}

/// The ASCII form of labels (RFC 3492).
private enum Punycode {
  /// Nil if a number is too large.
  static func encode(_ scalars: [Unicode.Scalar]) -> String? {
    var output = scalars.filter(\.isASCII).map { UInt8(truncatingIfNeeded: $0.value) }
    let basic = output.count
    var handled = basic
    if basic > 0 { output.append(UInt8(ascii: "-")) }
    var (next, delta, bias) = (128, 0, 72)
    while handled < scalars.count {
      guard let least = scalars.lazy.map({ Int($0.value) }).filter({ $0 >= next }).min() else {
        return nil
      }
      let (step, isTooLarge) = (least - next).multipliedReportingOverflow(by: handled + 1)
      guard !isTooLarge, step < 1 << 40 else { return nil }
      delta += step
      next = least
      for scalar in scalars {
        if scalar.value < next { delta += 1 }
        guard scalar.value == next else { continue }
        append(delta, bias: bias, to: &output)
        bias = adapted(delta, count: handled + 1, isFirst: handled == basic)
        delta = 0
        handled += 1
      }
      delta += 1
      next += 1
    }
    return String(decoding: output, as: UTF8.self)
  }

  private static func append(_ number: Int, bias: Int, to output: inout [UInt8]) {
    var rest = number
    var base = 36
    while true {
      let threshold = base <= bias ? 1 : base >= bias + 26 ? 26 : base - bias
      guard rest >= threshold else { break }
      output.append(digit(threshold + (rest - threshold) % (36 - threshold)))
      rest = (rest - threshold) / (36 - threshold)
      base += 36
    }
    output.append(digit(rest))
  }

  private static func digit(_ value: Int) -> UInt8 {
    value < 26 ? UInt8(ascii: "a") + UInt8(value) : UInt8(ascii: "0") + UInt8(value - 26)
  }

  private static func adapted(_ delta: Int, count: Int, isFirst: Bool) -> Int {
    var delta = isFirst ? delta / 700 : delta / 2
    delta += delta / count
    var steps = 0
    while delta > 455 {
      delta /= 35
      steps += 36
    }
    return steps + 36 * delta / (delta + 38)
  }
}
