/// What is known about the value of an expression whose last part has been read but not yet used.
enum Operand {
  /// The parts that it reads are noted already.
  case other
  /// The value of a global or of a field of one, on this line.
  case name(GlobalUses.Name, Int)
  /// Of a table that holds all globals: `_G[key]`.
  case anyGlobal
  /// Such a table.
  case globals
  case string(String)
  /// `nil`, `true` or `false`.
  case constant
}
