import JobStoreConformance
import TestSupport
import Testing

@testable import SchedulerCore

@Suite struct JobNameLookupTests {
  /// Compares the index with a dictionary. Many of the hashes are equal.
  @Test(arguments: [3, 64, 1 << 40])
  func `it finds what a dictionary finds`(hashes: UInt64) {
    var random = SplitMix64(seed: hashes)
    var index = NameIndex()
    var model: [String: Int] = [:]
    var names: [String?] = []
    func hash(_ name: String) -> Int {
      // The table uses only the upper half of a hash.
      let pieces = name.utf8.reduce(UInt64(7)) { $0 &* 31 &+ UInt64($1) } % hashes
      return Int(truncatingIfNeeded: pieces << 32)
    }
    func find(_ name: String) -> Int? { index.find(hash: hash(name)) { names[$0] == name } }
    for step in 0..<4_000 {
      let name = "job \(random.next(upTo: 300))"
      #expect(find(name) == model[name], "step \(step)")
      if let number = model[name] {
        index.remove(number, hash: hash(name))
        model[name] = nil
        names[number] = nil
      } else if random.next(upTo: 3) > 0 {
        if random.next(upTo: 2) == 0 {
          index.insert(names.count, hash: hash(name))
        } else {
          index.append(names.count)
        }
        model[name] = names.count
        names.append(name)
      }
      if random.next(upTo: 5) == 0 {
        index.indexPending { hash(names[$0] ?? "") }
        #expect(!index.hasPending)
      }
      #expect(index.count == model.count)
    }
    #expect(index.numbers.sorted() == model.values.sorted())
    index.remove(1_000_000, hash: 0)
    #expect(index.count == model.count, "the removal of an unknown number has no effect")
  }

  @Test func `an empty index finds nothing`() {
    var index = NameIndex()
    #expect(index.find(hash: 1) { _ in true } == nil)
    index.reserve(100)
    #expect(index.find(hash: 1) { _ in true } == nil)
    index.remove(1, hash: 1)
    #expect(index.numbers.isEmpty)
  }
}
