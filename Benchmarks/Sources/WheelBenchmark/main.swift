// The cost of the timer wheel, compared in the same run with a bare wheel without ids, order and bounds checks. Times
// are nanoseconds of this thread's processor time for each operation: medians, and the ratio's lower quartile, median
// and upper quartile over the repeats. Time in the wheels is virtual.
//
//     WheelBenchmark [--smoke]

let isSmoke = CommandLine.arguments.contains("--smoke")
let sizes = isSmoke ? [1000] : [1000, 100_000, 1_000_000]
let repeats = isSmoke ? 1 : 9

print("N         operation          wheel ns   bare ns   ratio (quartiles)")
for size in sizes {
  var wheel: [Sample] = []
  var bare: [Sample] = []
  for _ in 0..<repeats {
    wheel.append(measure(MeasuredTimerWheel.self, timers: size, isSmoke: isSmoke))
    bare.append(measure(BareWheel.self, timers: size, isSmoke: isSmoke))
  }
  for operation in Operation.allCases {
    let mine = wheel.compactMap { $0[operation] }
    let theirs = bare.compactMap { $0[operation] }
    let ratios = zip(mine, theirs).map { $0 / $1 }.sorted()
    print(
      pad("\(size)", 9), pad(operation.rawValue, 18),
      pad(rounded(median(mine)), 10), pad(rounded(median(theirs)), 9),
      rounded(median(ratios)),
      "(\(rounded(ratios[ratios.count / 4]))...\(rounded(ratios[ratios.count * 3 / 4])))")
  }
}

func median(_ values: [Double]) -> Double {
  values.sorted()[values.count / 2]
}

func rounded(_ value: Double) -> String {
  let hundredths = Int((value * 100).rounded())
  let fraction = hundredths % 100
  return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
}

func pad(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}
