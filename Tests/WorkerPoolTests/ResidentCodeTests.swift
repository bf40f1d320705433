import Testing

@testable import WorkerPool

@Suite struct ResidentCodeTests {
  @Test func `a program goes on after its code was released`() {
    #expect(ResidentCode.release() > 0)
    #expect((1...10).reduce(0, +) == 55)
  }

  struct Case: Sendable {
    var line: String
    var range: Range<UInt>?
  }

  @Test(arguments: [
    Case(line: "1000-3000 r-xp 004e6000 08:01 131088    /usr/bin/a\n", range: 0x1000..<0x3000),
    Case(
      line: "1000-3000 r-xp 004e6000 08:01 131088    /usr/bin/a b (deleted)\n",
      range: 0x1000..<0x3000),
    Case(line: "1000-3000 r--p 004e6000 08:01 131088    /usr/bin/a\n"),
    Case(line: "1000-3000 rwxp 004e6000 08:01 131088    /usr/bin/a\n"),
    Case(line: "1000-3000 r-xs 004e6000 08:01 131088    /usr/bin/a\n"),
    Case(line: "1000-3000 r-xp 00000000 00:00 0         [vdso]\n"),
    Case(line: "1000-3000 r-xp 00000000 00:00 0 \n"),
    Case(line: "1000 r-xp 00000000 00:00 0 /usr/bin/a\n"),
    Case(line: ""),
  ])
  func `code in files is what may be mapped anew`(mapping: Case) {
    #expect(ResidentCode.codeRange(ofMapping: mapping.line) == mapping.range)
  }
}
