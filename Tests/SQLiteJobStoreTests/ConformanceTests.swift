import JobStoreConformance
import SQLiteJobStore
import TestSupport
import Testing

struct ConformanceTests {
  @Test(arguments: ConformanceCase.all)
  func `the store in a file conforms`(_ conformance: ConformanceCase) throws {
    let folder = try TemporaryFolder()
    try conformance.check(on: StoreFactory { SQLiteJobStore(path: folder.path + "/store.db") })
  }
}
