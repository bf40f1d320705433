import Glibc
import MoonwheelModel
import Triggers

extension SQLiteJobStore {
  /// Gives a damaged store, and what SQLite has beside it, another name, so that a host can begin anew; nothing is
  /// deleted. Returns the new path: `store.db.corrupt-20261224T180000Z`.
  ///
  /// Refused with `held` while a host has it.
  public static func setAside(_ path: String) throws(StoreError) -> String {
    let file = StoreFile(path)
    let lock = try StoreLock(file)
    return try withExtendedLifetime(lock) { () throws(StoreError) in try file.rename() }
  }
}

extension StoreFile {
  fileprivate func rename() throws(StoreError) -> String {
    let aside = StoreFile(freeName(at: Self.now))
    // The log first: beside a new file it would be taken for that one's.
    for (old, new) in [(log, aside.log), (shared, aside.shared), (path, aside.path)]
    where Self.size(of: old) != nil {
      guard unsafe Glibc.rename(old, new) == 0 else {
        throw refusal(errno, "it cannot be renamed to \(new)")
      }
    }
    return aside.name
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
