import Glibc
import Triggers

/// Zone files of the system, for tests.
enum Zones {
  static func bytes(_ name: String) throws -> [UInt8] {
    guard let file = unsafe fopen("/usr/share/zoneinfo/" + name, "rb") else {
      throw TriggerError(.zone, "no zone file \(name)")
    }
    defer { unsafe fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 17)
    let count = unsafe fread(&bytes, 1, bytes.count, file)
    return Array(bytes[..<count])
  }

  static func zone(_ name: String) throws -> Zone {
    name == "UTC" ? .utc : try Zone(name: name, tzif: bytes(name))
  }
}

/// `2026-03-29T03:00:00+02:00` as an instant.
func instant(_ text: String) throws -> Timestamp {
  try Timestamp(text, TriggerOptions())
}

/// The next fires of a spec, as texts with the zone's offset.
func fires(
  _ spec: String, in zoneName: String = "UTC", from: String, count: Int = 1, gap: Gap? = nil,
  fold: Fold? = nil
) throws -> [String] {
  let zone = try Zones.zone(zoneName)
  let start = try instant(from)
  let options = TriggerOptions(
    zone: zone, gap: gap, fold: fold, hashKey: "test/job", seed: 1, now: start)
  return fires(try Trigger.parse(spec: spec, options), in: zone, from: start, count: count)
}

func fires(_ trigger: Trigger, in zone: Zone, from start: Timestamp, count: Int) -> [String] {
  var found: [String] = []
  var last = start
  while found.count < count, let fire = trigger.next(after: last, anchor: start) {
    found.append(fire.iso(in: zone))
    last = fire
  }
  return found
}
