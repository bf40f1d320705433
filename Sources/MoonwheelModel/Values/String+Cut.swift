extension String {
  /// The text if it has at most so many bytes of UTF-8; else its beginning, and `...`.
  package func cut(toBytes most: Int) -> String {
    utf8.count <= most ? self : String(decoding: utf8.prefix(most), as: UTF8.self) + "..."
  }
}
