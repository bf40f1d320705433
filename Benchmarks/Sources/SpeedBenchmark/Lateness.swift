import BenchmarkSupport
import Moonwheel
import Synchronization

/// How late runs started, as the runs reported it.
final class Lateness: Sendable {
  private let seconds = Mutex<[Double]>([])

  func clear() { seconds.withLock { $0 = [] } }

  func add(_ value: Value) -> Value {
    if case .number(let late) = value { seconds.withLock { $0.append(late) } }
    return .nil
  }

  var figures: Figures {
    let micros = seconds.withLock { $0.map { $0 * 1e6 } }
    precondition(!micros.isEmpty, "no run told how late it was")
    return [
      "told": Double(micros.count), "p50_us": quantile(micros, 0.5),
      "p99_us": quantile(micros, 0.99), "p999_us": quantile(micros, 0.999),
      "most_us": quantile(micros, 1),
    ]
  }
}
