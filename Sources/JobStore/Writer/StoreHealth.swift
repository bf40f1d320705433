import MoonwheelModel

/// A change in whether commits succeed.
package enum StoreHealth: Sendable {
  case degraded(StoreError)
  /// `dropped` counts the changes that were lost while the store failed.
  case recovered(dropped: Int)
  /// The store works, but more came than it could take: so many entries of the history were left out.
  case slow(dropped: Int)
}
