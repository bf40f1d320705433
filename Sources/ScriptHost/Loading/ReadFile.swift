import SystemCalls

/// The bytes of a script or a module. A file of more than 16 MiB is refused: it cannot be a script.
package func readFile(_ path: String) throws(FileError) -> [UInt8] {
  try RegularFile.read(path, atMost: 16 << 20)
}
