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

  /// The descriptions of ``modules``, each with the name of its file.
  package static var moduleStubs: [(module: String, file: String, text: [UInt8])] {
    [
      ("docker", PackageResources.docker_d_lua), ("s3", PackageResources.s3_d_lua),
      ("slack", PackageResources.slack_d_lua), ("webhook", PackageResources.webhook_d_lua),
    ].map { ($0, "\($0).d.lua", $1) }
  }

  /// The modules that scripts `require` as `moonwheel.name`. Those that are globals as well, such as `fs`, are not among
  /// them.
  package static let modules = ["docker", "s3", "slack", "webhook"]

  /// The text of a module that `require` finds as `moonwheel.name`; nil if there is none.
  package static func module(named name: String) -> [UInt8]? {
    switch name {
    case "docker": PackageResources.docker_lua
    case "s3": PackageResources.s3_lua
    case "services": PackageResources.services_lua  // what the others share
    case "slack": PackageResources.slack_lua
    case "webhook": PackageResources.webhook_lua
    default: nil
    }
  }
}
