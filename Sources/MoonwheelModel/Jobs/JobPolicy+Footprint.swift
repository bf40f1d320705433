extension JobPolicy {
  /// About how many bytes of memory it takes behind a reference.
  public var footprint: Int {
    var bytes = MemoryLayout<JobPolicy>.size + 48 + arguments.footprint + (state?.footprint ?? 0)
    if !tags.isEmpty {
      bytes += tags.reduce(48) {
        $0 + MemoryLayout<String>.stride + Value.footprint(of: $1)
      }
    }
    for text in [retry?.unless, window.fromText, window.tillText] {
      bytes += text.map(Value.footprint) ?? 0
    }
    return bytes
  }
}
