/// The quotient rounded towards minus infinity, as calendars need it.
@inline(__always)
func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
  let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
  return remainder < 0 ? quotient - 1 : quotient
}

/// The remainder in `0..<b`.
@inline(__always)
package func floorRemainder(_ a: Int64, _ b: Int64) -> Int64 {
  let remainder = a % b
  return remainder < 0 ? remainder + b : remainder
}

/// The last whole number at or before a number that fits `Int64`. The standard library's `rounded` calls libm, which
/// this layer does not link.
func floor(_ value: Double) -> Int64 {
  let whole = Int64(value)
  return Double(whole) > value ? whole - 1 : whole
}

/// The nearest whole number; halves go up.
func round(_ value: Double) -> Int64 { floor(value + 0.5) }

/// The earlier of two values, of which none, one or both exist.
func earlier<T: Comparable>(_ a: T?, _ b: T?) -> T? {
  guard let a, let b else { return a ?? b }
  return min(a, b)
}
