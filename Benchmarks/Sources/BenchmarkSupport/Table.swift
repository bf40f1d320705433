/// Whether the run is only to show that the benchmark works.
public let isSmoke = CommandLine.arguments.contains("--smoke")

public func median(_ values: [Double]) -> Double { quantile(values, 0.5) }

/// The value below which that part of the values lies; there must be one.
public func quantile(_ values: [Double], _ part: Double) -> Double {
  let sorted = values.sorted()
  return sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
}

/// With that many digits after the point.
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

/// A name and what was measured, in two columns.
public func row(_ name: String, _ value: String) { print(pad(name, 44), value) }

public func pad(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}
