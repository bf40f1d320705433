import ModuleKit

/// `fs`: files below the folders that a script was granted.
struct FileModule: ScriptModule {
  let name = "fs"
  let functions: [ModuleFunction] = []
}
