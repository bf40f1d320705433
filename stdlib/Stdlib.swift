/// The Lua modules that ship inside the binary, and what editors read of them.
package enum Stdlib {
  /// What runs in each isolate before its script.
  package static var prelude: [UInt8] { PackageResources.prelude_lua }

  /// What runs after it in the isolates of a simulation.
  package static var simulation: [UInt8] { PackageResources.simulation_lua }

  /// What runs after both in the isolates that tests run in.
  package static var testing: [UInt8] { PackageResources.testing_lua }

  /// What completes the table of the module `kv`.
  package static var keys: [UInt8] { PackageResources.kv_lua }

  /// What completes the table of the module `http`.
  package static var http: [UInt8] { PackageResources.http_lua }

  /// The descriptions of the words that scripts get, for the Lua language server: the file `moonwheel.d.lua`.
  package static var stubs: [UInt8] { PackageResources.moonwheel_d_lua }

  /// The text of a module that `require` finds as `moonwheel.name`; nil if there is none.
  package static func module(named name: String) -> [UInt8]? { nil }
}
