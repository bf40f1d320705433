import Glibc
import TestSupport
import Testing

/// The host is killed at random moments, and at writes to its store, while scripts promise runs, retry, pause and change
/// state; what was acknowledged is compared with what the next hosts do.
///
/// `MOONWHEEL_CRASHES` says how often, `MOONWHEEL_CRASH_SEED` where to begin.
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

  @Test func `no acknowledged thing is lost when the host is killed at random moments`() throws {
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
  func `no acknowledged thing is lost when the host is killed at its writes to the store`() throws {
    let story = try CrashStory()
    var random = SplitMix64(seed: Self.seed)
    for kill in 1...max(1, Self.count / 2) {
      // Every one of the first writes, among them those that make the store, then here and there.
      let write = kill <= 25 ? kill : 25 + Int(random.next() % 200)
      try story.host(killedAtWrite: write)
    }
    try story.finish()
    story.check()
  }
}
