import ArgumentParser
import Moonwheel
import SQLiteJobStore
import SystemCalls

/// The flags of commands that read a store.
struct HistoryOptions: ParsableArguments {
  @Option(
    help:
      "The store; if not given, .moonwheel/store.db here or in scripts/ (MOONWHEEL_STORE).")
  var store: String?

  @Option(
    name: .customLong("tz"), help: "The time zone of times, as in Europe/Berlin (MOONWHEEL_TZ).")
  var timeZone: String?

  static let defaults = [".moonwheel/store.db", "scripts/.moonwheel/store.db"]

  /// The store, for reading alone.
  func open() throws(Failure) -> SQLiteJobStore {
    SQLiteJobStore(path: try path(), mode: .readOnly)
  }

  private func path() throws(Failure) -> String {
    guard let setting = Setting("store", store) else {
      if let found = Self.defaults.first(where: { FileStatus(of: $0) != nil }) { return found }
      throw Failure(
        "there is no store at \(Self.defaults.joined(separator: " nor ")): "
          + "name the one that the host writes, with --store FILE", code: 2)
    }
    guard setting.text != "memory" else {
      throw setting.wrong("a store in memory ends with its host; name a file")
    }
    return setting.text
  }

  func zone() throws(Failure) -> Zone {
    if let zone = try Setting("tz", timeZone)?.zone() { return zone }
    do { return try SystemZones.shared.systemDefault() } catch {
      throw Failure(error.message, code: 2)
    }
  }
}
