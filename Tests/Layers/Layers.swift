// For tests that look below the public face of the library.
@_exported import FileWatching
@_exported import JobStore
@_exported import LuaRuntime
@_exported import MoonwheelModel
@_exported import SchedulerCore
@_exported import SchedulerEngine
@_exported import ScriptHost
@_exported import SystemCalls
@_exported import SystemZones
@_exported import Triggers
@_exported import WorkerPool
