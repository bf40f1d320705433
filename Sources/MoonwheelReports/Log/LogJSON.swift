import JSON
import Logging
import Triggers

/// Writes log records, and the values in them, as JSON.
package enum LogJSON {
  /// One object, without the end of the line; keys in fixed order, fields by name.
  package static func line(_ record: LogRecord) -> String {
    var writer = JSONWriter(capacity: 256)
    writer.beginObject()
    writer.key("ts")
    writer.write(record.time.isoMicroseconds)
    writer.key("level")
    writer.write(record.level.rawValue)
    writer.key("message")
    writer.write(record.message)
    let places = [
      ("script", record.script), ("job", record.job), ("run", record.run),
      ("event", record.event), ("payload", record.payload),
    ]
    for case (let key, let value?) in places {
      writer.key(key)
      write(value, into: &writer)
    }
    if !record.fields.isEmpty {
      writer.key("fields")
      write(.dictionary(record.fields), into: &writer)
    }
    writer.endObject()
    return writer.text
  }

  package static func text(_ value: Logger.MetadataValue) -> String {
    var writer = JSONWriter()
    write(value, into: &writer)
    return writer.text
  }

  private static func write(_ value: Logger.MetadataValue, into writer: inout JSONWriter) {
    switch value {
    case .string(let string): writer.write(string)
    case .stringConvertible(let value): write(value, into: &writer)
    case .array(let values):
      writer.beginArray()
      for value in values { write(value, into: &writer) }
      writer.endArray()
    case .dictionary(let pairs):
      writer.beginObject()
      for (key, value) in pairs.sorted(by: { $0.key < $1.key }) {
        writer.key(key)
        write(value, into: &writer)
      }
      writer.endObject()
    }
  }

  /// Numbers and booleans keep their type; whatever else has a description becomes a string.
  private static func write(
    _ value: any CustomStringConvertible, into writer: inout JSONWriter
  ) {
    switch value {
    case let flag as Bool: writer.write(flag)
    case let integer as any BinaryInteger: writer.write(integer)
    case let number as Double: writer.write(number)
    case let number as Float: writer.write(number)
    default: writer.write(value.description)
    }
  }
}
