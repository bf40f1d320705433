import CLuaBridge

extension Isolate {
  /// The names of the globals, or of the fields of the table in one; empty if there is no such table, or too many names
  /// to tell. Only while no script runs. Calls no script.
  public func keys(of table: String? = nil) -> Set<String> {
    let bytes =
      unsafe table.map { unsafe $0.withCString { unsafe mw_keys(pointer, $0) } }
      ?? mw_keys(pointer, nil)
    return Set(unsafe text(bytes).split(separator: "\n").map(String.init))
  }

  /// The error that reading a global raises, or reading a field of the table in one; nil if it raises none. Calls the
  /// table's `__index`, so ask only about a table whose metatable scripts cannot change: the globals, `os` and `io`.
  public func errorOfReading(_ key: String, of table: String? = nil) -> String? {
    let bytes =
      unsafe table.map { name in
        unsafe name.withCString { unsafe mw_error_of_reading(pointer, $0, key) }
      } ?? mw_error_of_reading(pointer, nil, key)
    let error = unsafe text(bytes)
    return error.isEmpty ? nil : error
  }
}
