/// The form of the results of tests.
enum TestFormat: String, CaseIterable {
  case pretty
  /// Test Anything Protocol, version 13.
  case tap
  /// The XML that CI servers read.
  case junit
}
