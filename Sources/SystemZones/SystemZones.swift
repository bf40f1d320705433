import Synchronization
import SystemCalls
import Triggers

/// The zones of the system's tz database.
///
/// Reads the folder that `TZDIR` names, or `/usr/share/zoneinfo`. Any thread may call; each file is read once.
package final class SystemZones: Sendable {
  /// The folder of the zone files.
  package let folder: String
  private let settings: String
  private let variable: @Sendable (String) -> String?
  private let zones = Mutex<[String: Zone]>(["UTC": .utc])

  package static let shared = SystemZones()

  package convenience init(folder: String? = nil) {
    self.init(folder: folder, settings: "/etc", variable: Environment.value(of:))
  }

  /// `settings` is the folder of the files `timezone` and `localtime`.
  init(
    folder: String?, settings: String, variable: @escaping @Sendable (String) -> String?
  ) {
    let named = folder ?? variable("TZDIR")
    self.folder = named.flatMap { $0.isEmpty ? nil : $0 } ?? "/usr/share/zoneinfo"
    self.settings = settings
    self.variable = variable
  }

  /// The zone with an IANA name. If there is none, the error suggests similar names.
  package func zone(named name: String) throws(TriggerError) -> Zone {
    if let known = zones.withLock({ $0[name] }) { return known }
    guard Self.isName(name), let bytes = Self.contents(folder + "/" + name) else {
      throw unknown(name)
    }
    let zone = try Zone(name: name, tzif: bytes)
    zones.withLock { $0[name] = zone }
    return zone
  }

  /// The zone with an IANA name; the host's zone if the name is nil.
  package func zone(orDefault name: String?) throws(TriggerError) -> Zone {
    if let name { try zone(named: name) } else { try systemDefault() }
  }

  /// The host's zone: from `TZ` (a name, a path or a rule), from `/etc/timezone`, from the target of `/etc/localtime`,
  /// or UTC, in this order.
  ///
  /// A `TZ` that names no zone is an error; a bad file of the system is skipped.
  package func systemDefault() throws(TriggerError) -> Zone {
    if let variable = variable("TZ") {
      let name = variable.hasPrefix(":") ? String(variable.dropFirst()) : variable
      if name.isEmpty { return .utc }
      if name.hasPrefix("/"), let zone = zone(at: name) { return zone }
      do { return try zone(named: name) } catch {
        if let zone = Zone(posixRule: name) { return zone }
        throw TriggerError(.zone, "TZ: " + error.message, hint: error.hint)
      }
    }
    if let name = Self.firstLine(settings + "/timezone"), let zone = known(name) { return zone }
    return zone(at: settings + "/localtime") ?? .utc
  }

  private func known(_ name: String) -> Zone? {
    do { return try zone(named: name) } catch { return nil }
  }

  /// The zone in a file. Its name is the path below a folder named zoneinfo, or "localtime".
  private func zone(at path: String) -> Zone? {
    let target = Paths.resolved(path) ?? path
    let parts = target.split(separator: "/")
    if let place = parts.lastIndex(of: "zoneinfo"),
      let zone = known(parts[(place + 1)...].joined(separator: "/"))
    {
      return zone
    }
    guard let bytes = Self.contents(path) else { return nil }
    do { return try Zone(name: "localtime", tzif: bytes) } catch { return nil }
  }

  private func unknown(_ name: String) -> TriggerError {
    let all = names()
    guard !all.isEmpty else {
      return TriggerError(
        .zone,
        "unknown time zone \"\(Self.printable(name))\": there are no zone files in \(folder); install tzdata, or name their folder in TZDIR"
      )
    }
    let near = nearNames(to: name, in: all)
    let remedy =
      near.isEmpty
      ? "zones have names such as Europe/Berlin"
      : "did you mean " + near.map { "\"\($0)\"" }.joined(separator: " or ") + "?"
    return TriggerError(
      .zone, "unknown time zone \"\(Self.printable(name))\" in \(folder), \(remedy)",
      hint: near.first)
  }

  private func nearNames(to name: String, in names: [String]) -> [String] {
    guard Self.isPlausible(name) else { return [] }
    if let fixed = Self.fixedOffset(name), names.contains(fixed) { return [fixed] }
    let near = Spelling.near(name, in: names, limit: 3)
    return near.isEmpty
      ? Array(names.filter { Self.city($0) == Self.city(name) }.prefix(3)) : near
  }

  /// The zone with an offset: `UTC+2` and `+02:00` are Etc/GMT-2, whose sign is that of POSIX.
  private static func fixedOffset(_ name: String) -> String? {
    var text = Substring(name.uppercased())
    for prefix in ["UTC", "GMT"] where text.hasPrefix(prefix) { text = text.dropFirst(3) }
    guard let sign = text.first, sign == "+" || sign == "-" else { return nil }
    let parts = text.dropFirst().split(separator: ":")
    guard let hours = parts.first.flatMap({ Int($0) }), (1...14).contains(hours),
      parts.dropFirst().allSatisfy({ $0 == "00" })
    else { return nil }
    return "Etc/GMT\(sign == "+" ? "-" : "+")\(hours)"
  }

  private static func printable(_ name: String) -> String {
    name.unicodeScalars.prefix(80).map { $0.value < 32 ? " " : String($0) }.joined()
  }

  private static func city(_ name: String) -> String {
    let last = name.split(separator: "/").last.map(String.init) ?? name
    return String(last.lowercased().map { $0 == " " ? "_" : $0 })
  }

  /// All names of zones in the folder, in order.
  package func names() -> [String] {
    var found: [String] = []
    var pending = [""]
    while let folder = pending.popLast() {
      for entry in Self.entries(self.folder + "/" + folder) {
        let name = folder.isEmpty ? entry.name : folder + "/" + entry.name
        if entry.isFolder {
          if !["posix", "right"].contains(name) && pending.count < 100 { pending.append(name) }
        } else if Self.isName(name) && !entry.name.contains(".") {
          found.append(name)
        }
      }
    }
    return found.sorted()
  }

  /// Whether a text is a relative path without special characters, so that no name leads out of the folder.
  static func isName(_ name: String) -> Bool {
    guard isPlausible(name), !name.hasPrefix("/") else { return false }
    return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
      !part.isEmpty && !part.hasPrefix(".")
        && part.utf8.allSatisfy { byte in
          (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            || [0x2B, 0x2D, 0x2E, 0x5F].contains(byte)
        }
    }
  }

  private static func isPlausible(_ name: String) -> Bool {
    (1...100).contains(name.utf8.count)
  }
}

extension SystemZones {
  /// A regular file's bytes, a megabyte at most; nil if it cannot be read.
  private static func contents(_ path: String) -> [UInt8]? {
    do { return try RegularFile.read(path, atMost: 1 << 20) } catch { return nil }
  }

  private static func firstLine(_ path: String) -> String? {
    guard let bytes = contents(path) else { return nil }
    let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
    return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
  }

  /// The visible names in a folder; none if it cannot be read.
  private static func entries(_ path: String) -> [(name: String, isFolder: Bool)] {
    let names: [String]
    do { names = try FolderEntries.names(in: path) } catch { return [] }
    return names.compactMap { name in
      guard !name.hasPrefix("."), let status = FileStatus(of: path + "/" + name) else { return nil }
      return (name, status.kind == .folder)
    }
  }
}
