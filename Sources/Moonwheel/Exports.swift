// What an embedder needs of the layers below comes with `import Moonwheel`.
@_exported import LuaRuntime
@_exported import MoonwheelCore
@_exported import Triggers
