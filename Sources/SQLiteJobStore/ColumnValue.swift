import MoonwheelModel
import Triggers

/// A type of a column: how a value is bound to a parameter, and how it is read from a row.
protocol ColumnValue {
  func bind(to command: Command)
  init(_ row: Command.Row, _ column: Int32) throws
}

extension Command.Row {
  subscript<Value: ColumnValue>(_ column: Int32) -> Value {
    get throws { try Value(self, column) }
  }
}

extension Optional: ColumnValue where Wrapped: ColumnValue {
  func bind(to command: Command) {
    if let self { self.bind(to: command) } else { command.bindNull() }
  }

  init(_ row: Command.Row, _ column: Int32) throws {
    self = row.isNull(column) ? nil : try Wrapped(row, column)
  }
}

/// Numbers that SQLite holds as the same 64 bits.
extension ColumnValue where Self: FixedWidthInteger {
  func bind(to command: Command) { command.bind(Int64(truncatingIfNeeded: self)) }

  init(_ row: Command.Row, _ column: Int32) {
    self.init(truncatingIfNeeded: row.integer(column))
  }
}

extension Int: ColumnValue {}
extension Int32: ColumnValue {}
extension Int64: ColumnValue {}
extension UInt64: ColumnValue {}

extension Bool: ColumnValue {
  func bind(to command: Command) { command.bind(self ? 1 : 0) }
  init(_ row: Command.Row, _ column: Int32) { self = row.integer(column) != 0 }
}

extension String: ColumnValue {
  func bind(to command: Command) { command.bind(self) }
  init(_ row: Command.Row, _ column: Int32) { self = row.text(column) }
}

extension [UInt8]: ColumnValue {
  func bind(to command: Command) { command.bind(self) }
  init(_ row: Command.Row, _ column: Int32) { self = row.bytes(column) }
}

// MARK: Types of the model

/// A number with a type of its own.
protocol NumberColumn: ColumnValue {
  associatedtype RawValue: ColumnValue
  var rawValue: RawValue { get }
  init(rawValue: RawValue)
}

extension NumberColumn {
  func bind(to command: Command) { rawValue.bind(to: command) }
  init(_ row: Command.Row, _ column: Int32) throws { self.init(rawValue: try row[column]) }
}

extension StoreKey: NumberColumn {}
extension Run.ID: NumberColumn {}
extension Decision.ID: NumberColumn {}
extension SourceVersion: NumberColumn {}

extension Timestamp: ColumnValue {
  func bind(to command: Command) { command.bind(nanoseconds) }
  init(_ row: Command.Row, _ column: Int32) { self.init(nanoseconds: row.integer(column)) }
}

extension ColumnValue where Self: RawRepresentable<String> {
  func bind(to command: Command) { command.bind(rawValue) }

  init(_ row: Command.Row, _ column: Int32) throws {
    self = try intact(Self(rawValue: row.text(column)), "a name")
  }
}

extension JobStatus.State: ColumnValue {}
extension RunStatus: ColumnValue {}
extension Decision.Kind: ColumnValue {}

extension ColumnValue where Self: RawRepresentable<UInt8> {
  func bind(to command: Command) { command.bind(Int64(rawValue)) }

  init(_ row: Command.Row, _ column: Int32) throws {
    let number = UInt8(exactly: row.integer(column))
    self = try intact(number.flatMap { Self(rawValue: $0) }, "a number")
  }
}

extension PendingRun.Kind: ColumnValue {}
extension PendingRun.Status: ColumnValue {}
extension RunCause.Kind: ColumnValue {}

/// Nil is NULL.
extension Value: ColumnValue {
  func bind(to command: Command) { (isNil ? nil : encoded).bind(to: command) }

  init(_ row: Command.Row, _ column: Int32) throws {
    let bytes: [UInt8]? = try row[column]
    self = try bytes.map { try intact(Value(encoded: $0), "a value") } ?? .nil
  }
}

/// Throws for content that no host wrote.
func intact<Content>(_ content: Content?, _ kind: String) throws -> Content {
  guard let content else { throw SQLiteFailure(corrupt: "\(kind) cannot be read") }
  return content
}
