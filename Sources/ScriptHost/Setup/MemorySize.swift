/// Sizes as people write them: `512M`, `64 MiB`. Units are powers of 1,024.
package enum MemorySize {
  /// Nil for a text that is not a size; `Int.max` on overflow.
  package static func bytes(_ text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let unit = text.dropFirst(digits.count).drop { $0 == " " }
    let shift: Int? =
      switch unit.uppercased() {
      case "", "B": 0
      case "K", "KB", "KIB": 10
      case "M", "MB", "MIB": 20
      case "G", "GB", "GIB": 30
      default: nil
      }
    guard !digits.isEmpty, let shift else { return nil }
    guard let number = Int(digits) else { return .max }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
    return overflow ? .max : bytes
  }

  /// Rounded, for people: `12.3 MiB`.
  package static func rounded(_ bytes: Int) -> String {
    guard bytes >= 1_024 else { return "\(bytes) bytes" }
    let (shift, unit) =
      bytes >= 1 << 30 ? (30, "GiB") : bytes >= 1 << 20 ? (20, "MiB") : (10, "KiB")
    let tenths = (bytes * 10 + (1 << (shift - 1))) >> shift
    return "\(tenths / 10).\(tenths % 10) \(unit)"
  }

  /// In the largest unit that divides it.
  static func text(_ bytes: Int) -> String {
    for (shift, unit) in [(30, "GiB"), (20, "MiB"), (10, "KiB")]
    where bytes > 0 && bytes.trailingZeroBitCount >= shift {
      return "\(bytes >> shift) \(unit)"
    }
    return "\(bytes) bytes"
  }
}
