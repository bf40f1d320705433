import Testing

/// Holds names, comments and documents against ``PrivateWords``.
struct PrivateWordTests {
  @Test func `no text of ours has a private word`() throws {
    let files = try Repository.texts()
    #expect(files.count > 400, "the texts were not found")
    for found in files.flatMap(PrivateWords.found) { Issue.record("\(found)") }
  }

  @Test(arguments: [
    ("let napTable = 1", ["nap"]), ("/// Who is in the seat.", ["seat"]),
    ("let isPlain = true", ["plain"]), ("/// In plain words.", []), ("let s = \"press a key\"", []),
    ("let snapshot = kidnap(seated)", []), ("struct LoneRun {}", ["lone"]),
  ])
  func `a word is found as part of a name`(text: String, words: [String]) {
    let file = SourceFile(target: "A", path: "Sources/A/A.swift", text: text)
    let found = PrivateWords.found(in: file).compactMap {
      $0.split(separator: "\"").dropFirst().first
    }
    #expect(found.map(String.init) == words)
  }
}
