import ScriptHost

extension Configuration {
  /// Gives all scripts the words of a module. Throws if its name is taken or cannot be a name in Lua.
  public mutating func add(_ module: some ScriptModule) throws(RegistrationError) {
    guard !selection.modules.contains(where: { $0.name == module.name }) else {
      throw RegistrationError(description: "there is a module \"\(module.name)\" already")
    }
    guard !standardModules.contains(module.name) else {
      throw RegistrationError(
        description:
          "\"\(module.name)\" is a standard module; choose another name, or take it out of standardModules"
      )
    }
    selection.modules.append(try HostModule(module))
  }

  /// What editors read to complete and check the words of the modules: definitions for the Lua language server. Write
  /// them into a file that `workspace.library` of `.luarc.json` names.
  public var moduleStubs: String { selection.modules.map(\.stubs).joined(separator: "\n") }
}

extension HostModule {
  package init(_ module: some ScriptModule) throws(RegistrationError) {
    try self.init(
      name: module.name, functions: module.functions, simulated: module.simulated, lua: module.lua,
      stubs: module.stubs, afterRun: module.afterRun)
  }
}
