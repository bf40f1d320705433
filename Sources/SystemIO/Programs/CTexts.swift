/// Texts as C wants them, ended by zeros, and the list of them, ended by NULL.
///
/// Safe because the object owns the bytes and the list from `init` to `deinit`, and neither changes.
@safe final class CTexts {
  private let bytes: UnsafeMutablePointer<CChar>
  private let list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let count: Int

  /// A text ends at its first zero, if it has one.
  init(_ texts: [[UInt8]]) {
    count = texts.count
    unsafe bytes = .allocate(capacity: texts.reduce(1) { $0 + $1.count + 1 })
    unsafe list = .allocate(capacity: texts.count + 1)
    var next = unsafe bytes
    for (index, text) in texts.enumerated() {
      unsafe (list + index).initialize(to: next)
      for byte in text {
        unsafe next.initialize(to: CChar(bitPattern: byte))
        unsafe next += 1
      }
      unsafe next.initialize(to: 0)
      unsafe next += 1
    }
    unsafe (list + texts.count).initialize(to: nil)
  }

  deinit {
    unsafe list.deallocate()
    unsafe bytes.deallocate()
  }

  /// Lent as long as the object lives.
  @unsafe var array: UnsafePointer<UnsafeMutablePointer<CChar>?> { unsafe UnsafePointer(list) }

  /// NULL if there are no texts. Lent as long as the object lives.
  @unsafe var first: UnsafePointer<CChar>? { unsafe list[0].map { unsafe UnsafePointer($0) } }

  /// Lent as long as the object lives.
  @unsafe var pointers: [UnsafePointer<CChar>?] {
    unsafe (0..<count).map { unsafe UnsafePointer(list[$0]) }
  }
}
