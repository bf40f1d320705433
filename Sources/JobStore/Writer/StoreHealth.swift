import MoonwheelModel

/// A change in whether commits succeed.
package enum StoreHealth: Sendable {
  case degraded(StoreError)
  /// `dropped` counts the changes that were lost while the store failed.
  case recovered(dropped: Int)
}
