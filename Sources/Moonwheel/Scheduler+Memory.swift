import ScriptHost

extension Scheduler {
  /// What each script holds at the moment, by name: in its Lua heap, and in the host beside it.
  public var memory: [ScriptMemoryUse] { environment.memory }
}
