// What a module needs of the layers below.
@_exported import enum MoonwheelModel.Value
@_exported import enum Permissions.PermissionKind
@_exported import struct Permissions.PermissionSet
@_exported import struct ScriptHost.CallArguments
@_exported import struct ScriptHost.Configuration
@_exported import struct ScriptHost.FunctionCall
@_exported import struct ScriptHost.ModuleFunction
@_exported import struct ScriptHost.PermissionPolicy
@_exported import struct ScriptHost.Refusal
@_exported import struct ScriptHost.RegistrationError
@_exported import class ScriptHost.RunResource
@_exported import protocol ScriptHost.ValueConvertible
