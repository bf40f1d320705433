extension FunctionCall {
  /// For the lines that the run gets from outside; nil for a call that belongs to none.
  package var lines: RunLines? {
    run.map { RunLines($0, to: site.lines) }
  }

  /// The name of the job whose run this is; nil for a call that belongs to none.
  package var job: String? { site.lines.job }
}
