import LuaSyntax
import SystemCalls

/// The text of a script or a module, as Lua compiles it. A file of more than 16 MiB is refused: it cannot be a script.
package func readFile(_ path: String) throws(FileError) -> [UInt8] {
  SourceText.stripped(try RegularFile.read(path, atMost: 16 << 20))
}
