/// What a fire costs from the wheel to the end of its callback, through the public library.
///
/// Processor time is that of the whole process; memory is resident memory, after `malloc_trim`.
///
///     FiresBenchmark [--smoke]
@main
struct FiresBenchmark {
  static func main() async throws {
    try await Idle.measure()
    try await EverySecond.measure()
    try await OneInstant.measure()
    try await EmptyRuns.measure()
  }
}
