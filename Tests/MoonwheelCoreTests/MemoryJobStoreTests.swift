import JobStoreConformance
import MoonwheelCore
import Testing

struct MemoryJobStoreTests {
  @Test(arguments: ConformanceCase.all)
  func `the store in memory does what a store does`(_ conformance: ConformanceCase) throws {
    let store = MemoryJobStore()
    try conformance.check(on: StoreFactory { store })
  }
}
