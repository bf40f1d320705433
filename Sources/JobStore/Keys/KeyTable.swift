import MoonwheelModel
import Triggers

/// The keys of a store, while it does the commands of a batch.
package protocol KeyTable: AnyObject {
  /// The key as it is stored, expired or not.
  func entry(_ name: KeyName) throws -> KeyEntry?
  /// Adds a key, or replaces the one of this name.
  func put(_ entry: KeyEntry) throws
  func remove(_ name: KeyName) throws
  /// At most `limit` keys of the page that have not expired, in the order of their bytes. May end when the keys exceed
  /// the page's bytes, with the first one that does, but not before the second key.
  func entries(_ page: KeyPage, at now: Timestamp) throws -> [KeyEntry]
  /// Keys whose time is over, in the order in which they expired.
  func expired(at now: Timestamp, limit: Int) throws -> [KeyEntry]
  /// When the next key expires.
  func nextExpiry() throws -> Timestamp?
  func space(_ name: String) throws -> KeySpace
  func setSpace(_ name: String, _ space: KeySpace) throws
}
