// The types of the layers below that `import Moonwheel` shows; `Tests/ArchitectureTests/PublicFaceTests.swift` holds the
// list of all public types. Other types of those layers that are `public` are so for the compiler alone: it inlines
// across modules only what is public, and a fire costs 10 % more where they are `package`.
@_exported import struct JobStore.Store
@_exported import struct LuaRuntime.IsolateLimits
@_exported import struct MoonwheelModel.Event
@_exported import struct MoonwheelModel.LogLine
@_exported import struct MoonwheelModel.PatternError
@_exported import struct MoonwheelModel.Run
@_exported import struct MoonwheelModel.RunFailure
@_exported import enum MoonwheelModel.RunStatus
@_exported import struct MoonwheelModel.StoreError
@_exported import enum MoonwheelModel.Value
@_exported import enum Permissions.PermissionKind
@_exported import struct Permissions.PermissionSet
@_exported import struct SchedulerEngine.UnsafeLuaError
@_exported import struct ScriptHost.CallArguments
@_exported import struct ScriptHost.Configuration
@_exported import struct ScriptHost.EmitError
@_exported import struct ScriptHost.FunctionCall
@_exported import struct ScriptHost.PermissionPolicy
@_exported import struct ScriptHost.Refusal
@_exported import struct ScriptHost.RegistrationError
@_exported import class ScriptHost.RunResource
@_exported import struct ScriptHost.ScriptError
@_exported import struct ScriptHost.ScriptMemoryUse
@_exported import protocol ScriptHost.ValueConvertible
@_exported import struct SystemCalls.SystemCallError
@_exported import struct Triggers.Timestamp
