import MoonwheelModel

/// Somebody removed or replaced a file that the store has open.
struct FilesChangedError: Error {
  let reason: StoreError
}
