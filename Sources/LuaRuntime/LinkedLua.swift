import CLuaBridge
import Glibc

/// The Lua version that is linked into this program.
public enum LinkedLua {
  /// Such as "5.4.8".
  public static var version: String { "5.4.\(mw_lua_release())" }

  /// Its known memory faults that a script's text can trigger; nil if none is known.
  ///
  /// No sandbox can hold on a Lua with such a fault. Found at the first use, by the version and by a script whose
  /// result a fault changes.
  public static let faults: String? = {
    let text = unsafe String(unsafeUninitializedCapacity: 512) { text in
      unsafe text.withMemoryRebound(to: CChar.self) { text in
        guard let start = text.baseAddress else { return 0 }
        unsafe mw_lua_faults(start, text.count)
        return Int(unsafe strlen(start))
      }
    }
    return text.isEmpty ? nil : text
  }()
}
