import ArgumentParser
import JobHistory
import Moonwheel
import MoonwheelReports
import SQLiteJobStore
import SystemCalls
import SystemZones

/// The flags of commands that read a store.
struct HistoryOptions: ParsableArguments {
  @Option(
    help:
      "The store; if neither it nor a path is given: .moonwheel/store.db here, in scripts/, or in the one folder that has one (MOONWHEEL_STORE).",
    completion: .file()
  )
  var store: String?

  @Option(
    name: .customLong("tz"),
    help:
      "The time zone of all times, as in Europe/Berlin; if not given, that of each job's trigger, else of the system (MOONWHEEL_TZ).",
    completion: .timeZone
  )
  var timeZone: String?

  private static let file = ".moonwheel/store.db"

  /// The store, for reading alone.
  ///
  /// - Parameter place: a folder of scripts, or a script, whose store is meant; nil looks around.
  func open(_ place: String?) throws(Failure) -> SQLiteJobStore {
    SQLiteJobStore(path: try path(place), mode: .readOnly)
  }

  private func path(_ place: String?) throws(Failure) -> String {
    if let setting = Setting("store", store) {
      guard setting.text != "memory" else {
        throw setting.wrong("a store in memory ends with its host; name a file")
      }
      return setting.text
    }
    guard let place else { return try Self.only() }
    guard case .file(let path) = try StoreLocation(nil, scripts: [place]),
      FileStatus(of: path) != nil
    else {
      throw Failure(
        "\(place.escapingControls) has no store in \(Self.file): no host has run it, or one with another "
          + "--store; name that file with --store FILE", code: 2)
    }
    return path
  }

  /// The store here or in `scripts`; else the only one in a folder here.
  private static func only() throws(Failure) -> String {
    let usual = [file, "scripts/" + file]
    if let found = usual.first(where: { FileStatus(of: $0) != nil }) { return found }
    let stores = folders().filter { FileStatus(of: "\($0)/\(file)") != nil }
    guard let first = stores.first else {
      throw Failure(
        "there is no store at \(file) nor */\(file): name the folder of the scripts, or the file "
          + "that the host writes, with --store FILE", code: 2)
    }
    guard stores.count == 1 else {
      let names = stores.prefix(8).map { "\($0.escapingControls)/" }.joined(separator: ", ")
      let more = stores.count > 8 ? " and \(stores.count - 8) more" : ""
      throw Failure(
        "\(stores.count) folders have a store: \(names)\(more); name one of them as the path",
        code: 64)
    }
    return "\(first)/\(file)"
  }

  /// The folders here; none if they cannot be listed, since then no store can be opened there either.
  private static func folders() -> [String] {
    do { return try FolderEntries.names(in: ".").filter { !$0.hasPrefix(".") } } catch { return [] }
  }

  func zones() throws(Failure) -> HistoryZones {
    if let zone = try Setting("tz", timeZone)?.zone() { return HistoryZones(all: zone) }
    do { return HistoryZones(system: try SystemZones.shared.systemDefault()) } catch {
      throw Failure(error.message, code: 2)
    }
  }
}
