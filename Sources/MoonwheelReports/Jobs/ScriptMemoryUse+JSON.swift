import JSON
import Moonwheel

extension ScriptMemoryUse {
  /// The memory of a script as `list --memory --json` has it.
  package var json: JSONValue {
    .object([
      ("script", .string(script)), ("heap", .integer(Int64(heap))), ("host", .integer(Int64(host))),
      ("limit", .integer(Int64(limit))),
    ])
  }

  /// `Lua heap 1.2 MiB, kept by the host 310.0 KiB, of 64.0 MiB`
  package var text: String { description }
}
