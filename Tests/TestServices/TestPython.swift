import Glibc

/// The Python that tests start servers with. It has the packages that the Makefile lists in TEST_PYPI.
package enum TestPython {
  /// `make deps-test` makes it.
  package static func path() throws -> String {
    let file = #filePath
    let root = file.split(separator: "/").dropLast(3).joined(separator: "/")
    let path = "/\(root)/.build-services/bin/python"
    guard unsafe access(path, X_OK) == 0 else {
      throw Service.StartError(description: "there is no \(path): run make deps-test")
    }
    return path
  }
}
