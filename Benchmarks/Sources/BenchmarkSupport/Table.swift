/// Whether this run only shows that the benchmark works (`--smoke`).
public let isSmoke = CommandLine.arguments.contains("--smoke")

public func median(_ values: [Double]) -> Double { quantile(values, 0.5) }

/// The value below which that fraction of the values lies; there must be at least one value.
public func quantile(_ values: [Double], _ part: Double) -> Double {
  let sorted = values.sorted()
  return sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
}

/// The number as text, with that many digits after the point.
public func rounded(_ value: Double, _ digits: Int = 2) -> String {
  guard value.isFinite else { return "\(value)" }
  var scale = 1
  for _ in 0..<digits { scale *= 10 }
  let scaled = Int((value.magnitude * Double(scale)).rounded())
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard digits > 0 else { return "\(sign)\(scaled)" }
  let fraction = "\(scaled % scale)"
  return "\(sign)\(scaled / scale)." + String(repeating: "0", count: digits - fraction.count)
    + fraction
}

/// Prints a name and its figure in two columns.
public func row(_ name: String, _ value: String) { print(pad(name, 44), value) }

public func pad(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}
