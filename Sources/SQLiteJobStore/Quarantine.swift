import MoonwheelModel
import SystemCalls
import Triggers

extension SQLiteJobStore {
  /// Renames a damaged store and the files that SQLite has beside it, so that a host can start with a new one. Deletes
  /// nothing. Returns the new path, e.g. `store.db.corrupt-20261224T180000Z`.
  ///
  /// Throws `held` while a host has the store open.
  package static func quarantine(_ path: String) throws(StoreError) -> String {
    let file = StoreFile(path)
    let lock = try StoreLock(file)
    return try withExtendedLifetime(lock) { () throws(StoreError) in try file.quarantine() }
  }
}

extension StoreFile {
  fileprivate func quarantine() throws(StoreError) -> String {
    let target = StoreFile(freeName(at: Timestamp(nanoseconds: Clocks.wall())))
    // The log first: SQLite would read it as the log of a new file at this path.
    for (old, new) in [(log, target.log), (sharedMemory, target.sharedMemory), (path, target.path)]
    where Self.size(of: old) != nil {
      try attempt("it cannot be renamed to \(new)") { () throws(SystemCallError) in
        try FileNames.rename(old, to: new)
      }
    }
    return target.name
  }

  private func freeName(at instant: Timestamp) -> String {
    let digits = instant.iso(in: .utc).utf8.prefix {
      $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "+")
    }
    .filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: ":") }
    let base = "\(name).corrupt-\(String(decoding: digits, as: UTF8.self))Z"
    var candidate = base
    var number = 2
    while Self.size(of: StoreFile(candidate).path) != nil {
      candidate = "\(base)-\(number)"
      number += 1
    }
    return candidate
  }
}
