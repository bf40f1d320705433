// `import Moonwheel` gives an embedder the types that it needs of the layers below.
@_exported import FileWatching
@_exported import JobStore
@_exported import LuaRuntime
@_exported import MoonwheelModel
@_exported import SchedulerCore
@_exported import SchedulerEngine
@_exported import ScriptHost
@_exported import SystemZones
@_exported import Triggers
