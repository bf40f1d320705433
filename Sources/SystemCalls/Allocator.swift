import CLinux

/// The allocator of the process.
public enum Allocator {
  /// Blocks of at least so many bytes are mapped singly.
  private static let largeBlock: Int32 = 256 << 10

  /// Gives large blocks back to the system as soon as they are freed. The allocator would otherwise raise its threshold for
  /// such blocks with each one that is freed, up to 32 MiB, and then keep what scripts have let go.
  public static func returnLargeBlocks() {
    linux_set_malloc_thresholds(largeBlock, 2 * largeBlock)
  }
}
