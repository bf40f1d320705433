import Glibc
import TestSupport
import Testing

/// Kills hosts at random moments, and at writes to the store, while scripts promise runs, retry, pause and change
/// state. Compares what was acknowledged with what the next hosts do.
///
/// `MOONWHEEL_CRASHES` sets how often, `MOONWHEEL_CRASH_SEED` the seed.
@Suite struct CrashTests {
  private static let count = number("MOONWHEEL_CRASHES") ?? 100
  private static let seed =
    number("MOONWHEEL_CRASH_SEED").map(UInt64.init) ?? .random(in: 0...9_999)

  /// Safe because the text is copied at once.
  private static func number(_ variable: String) -> Int? {
    unsafe getenv(variable).flatMap { unsafe Int(String(cString: $0)) }
  }

  /// Safe because the text is a literal.
  private static let hasStrace = unsafe access("/usr/bin/strace", X_OK) == 0

  @Test func `kills at random moments lose nothing that was acknowledged`() throws {
    print("crashes: \(Self.count), seed \(Self.seed)")
    let story = try CrashStory()
    var random = SplitMix64(seed: Self.seed)
    for _ in 1...max(1, Self.count / 2) {
      try story.host(killedAfter: Int64(random.next() % 500_000_000) + 20_000_000)
    }
    try story.finish()
    story.check()
  }

  @Test(.enabled(if: Self.hasStrace, "needs Debian's strace"))
  func `kills at writes to the store lose nothing that was acknowledged`() throws {
    let story = try CrashStory()
    var random = SplitMix64(seed: Self.seed)
    for kill in 1...max(1, Self.count / 2) {
      // First each of the first writes, some of which make the store, then random ones.
      let write = kill <= 25 ? kill : 25 + Int(random.next() % 200)
      try story.host(killedAtWrite: write)
    }
    try story.finish()
    story.check()
  }
}
