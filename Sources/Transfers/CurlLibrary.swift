import CCurl

/// libcurl, which is loaded at the first use.
///
/// Safe because the text that says why it is not there is never freed.
package enum CurlLibrary {
  /// Returns why it cannot be used; nil if it can. Any thread; takes some milliseconds at the first call.
  package static func load() -> String? {
    unsafe ccurl_load().map { unsafe String(cString: $0) }
  }
}
