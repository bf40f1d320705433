/// A part that gives scripts words of its own, as a host keeps it: see `ScriptModule` of ModuleKit.
package struct HostModule: Sendable {
  package var name: String
  package var functions: [ModuleFunction]
  /// In place of those of `functions` with their names, in a simulation.
  package var simulated: [ModuleFunction]
  package var afterRun: [AfterRunHandler]
  /// Lua that runs in each isolate after the functions are there.
  package var lua: [UInt8]
  package var stubs: String

  /// Throws if scripts cannot have words of these names.
  package init(
    name: String, functions: [ModuleFunction], simulated: [ModuleFunction], lua: String,
    stubs: String, afterRun: [AfterRunHandler] = []
  ) throws(RegistrationError) {
    try FunctionName.check(name)
    for function in functions { try FunctionName.check("\(name).\(function.name)") }
    self.name = name
    self.functions = functions
    self.simulated = simulated
    self.lua = Array(lua.utf8)
    self.stubs = stubs
    self.afterRun = afterRun
  }
}
