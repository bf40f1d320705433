/// The core's jobs by index.
///
/// The unsafe code is safe, since the table alone owns its memory, all elements below `count` are initialized, each
/// access is checked against `count`, and no pointer leaves the table. `@unchecked Sendable`: it cannot be copied, so only
/// its one owner reaches the memory. An array would also check at each write that its storage is not shared.
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

  var indices: LazyMapSequence<Range<Int>, JobIndex> { (0..<count).lazy.map { JobIndex($0) } }

  /// Uses addressors, since the coroutines of `_read` and `_modify` allocate where they are not inlined.
  subscript(index: JobIndex) -> JobRecord {
    @inline(__always) unsafeAddress {
      precondition(UInt(bitPattern: index.rawValue) < UInt(bitPattern: count), "no such job")
      return unsafe UnsafePointer(records + index.rawValue)
    }
    @inline(__always) unsafeMutableAddress {
      precondition(UInt(bitPattern: index.rawValue) < UInt(bitPattern: count), "no such job")
      return unsafe records + index.rawValue
    }
  }

  mutating func append(_ record: consuming JobRecord) {
    if count == capacity { grow(to: capacity * 2) }
    unsafe (records + count).initialize(to: record)
    count += 1
  }

  /// Makes room for `more` jobs.
  mutating func reserve(_ more: Int) {
    // At least doubles the capacity. Otherwise each of many small scripts would move all jobs.
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
