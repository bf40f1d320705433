// What an embedder needs of the layers below comes with `import Moonwheel`.
@_exported import FileWatching
@_exported import LuaRuntime
@_exported import MoonwheelCore
@_exported import SystemZones
@_exported import Triggers
