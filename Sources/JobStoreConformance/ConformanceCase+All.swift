extension ConformanceCase {
  /// All cases; the random ones come last.
  package static var all: [ConformanceCase] {
    jobCases + pendingRunCases + historyCases + queryCases + boundCases + sourceCases + lifeCases
      + AdoptCases.all + KeyCases.all + KeptCases.all + randomCases
  }
}
