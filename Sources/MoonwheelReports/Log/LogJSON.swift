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
    for place in LogRecord.places {
      guard let value = record.metadata[place] else { continue }
      writer.key(place)
      write(value, into: &writer)
    }
    let fields = record.fields
    if !fields.isEmpty {
      writer.key("fields")
      write(.dictionary(fields), into: &writer)
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
