/// The set bits of a mask, in order.
func bits(_ mask: UInt64) -> [Int] {
  (0..<64).filter { mask >> UInt64($0) & 1 == 1 }
}

/// The mask of some bits.
func bitMask(_ bits: some Sequence<Int>) -> UInt64 { bits.reduce(0) { $0 | 1 << UInt64($1) } }

/// Runs of consecutive values as (first, last). A run may wrap around the end of a cycle.
func runs(_ values: [Int], size: Int, from lowest: Int = 0) -> [(Int, Int)] {
  var runs: [(Int, Int)] = []
  for value in values {
    if let last = runs.last, value == last.1 + 1 {
      runs[runs.count - 1].1 = value
    } else {
      runs.append((value, value))
    }
  }
  if runs.count > 1, runs[0].0 == lowest, runs[runs.count - 1].1 == lowest + size - 1 {
    runs.append((runs.removeLast().0, runs.removeFirst().1))
  }
  return runs
}

/// The first of `count` indices for which a condition holds, by bisection: it holds for all after that too. `count` if
/// it holds for none.
@inline(__always)
func firstIndex(of count: Int, where holds: (Int) -> Bool) -> Int {
  var low = 0
  var high = count
  while low < high {
    let middle = (low + high) / 2
    if holds(middle) { high = middle } else { low = middle + 1 }
  }
  return low
}
