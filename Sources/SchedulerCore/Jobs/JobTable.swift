/// The core's jobs by their places.
///
/// Safe, since it alone owns its memory, every place below `count` is initialized and each access is checked against it,
/// and no pointer leaves it. An array would check besides, with each write, that nobody shares it.
@safe
struct JobTable: ~Copyable, @unchecked Sendable {
  private var records: UnsafeMutablePointer<JobRecord>
  private var capacity = 16
  private(set) var count = 0

  init() {
    unsafe records = .allocate(capacity: capacity)
  }

  deinit {
    unsafe records.deinitialize(count: count)
    unsafe records.deallocate()
  }

  var indices: Range<Int> { 0..<count }

  /// By address: the coroutines of `_read` and `_modify` are not always inlined, and then allocate.
  subscript(index: Int) -> JobRecord {
    @inline(__always) unsafeAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "no such job")
      return unsafe UnsafePointer(records + index)
    }
    @inline(__always) unsafeMutableAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "no such job")
      return unsafe records + index
    }
  }

  mutating func append(_ record: consuming JobRecord) {
    if count == capacity { grow(to: capacity * 2) }
    unsafe (records + count).initialize(to: record)
    count += 1
  }

  /// Makes room for so many more.
  mutating func reserve(_ more: Int) {
    // Not less than twice as many: else each of many small scripts would move all jobs.
    if count + more > capacity { grow(to: max(capacity * 2, count + more)) }
  }

  private mutating func grow(to capacity: Int) {
    let larger = UnsafeMutablePointer<JobRecord>.allocate(capacity: capacity)
    unsafe larger.moveInitialize(from: records, count: count)
    unsafe records.deallocate()
    unsafe records = larger
    self.capacity = capacity
  }
}
