import Foundation
import Testing

/// What the linked Lua takes from libc. A signal may end a script's run in the middle of such a function, so each was
/// looked at: it takes no lock in the C locale, or scripts cannot reach it, or the sandbox calls it in a critical
/// section. See `is_in_leaf_of_lua` in `CLuaBridge/signals.c`.
@Suite struct LinkedSymbolsTests {
  /// Scripts reach these in the middle of a run.
  private static let reached: Set<String> = [
    "__ctype_b_loc", "__ctype_tolower_loc", "__ctype_toupper_loc", "__errno_location",
    "__longjmp_chk",
    "__memcpy_chk", "__snprintf_chk", "__stack_chk_fail", "_longjmp", "_setjmp", "abort", "acos",
    "asin",
    "atan2", "cos", "cosh", "exp", "fmod", "frexp", "ldexp", "localeconv", "log", "log10", "log2",
    "longjmp",
    "memchr", "memcmp", "memcpy", "memmove", "memset", "pow", "sin", "sinh", "snprintf", "strchr",
    "strcmp",
    "strcoll", "strcpy", "strlen", "strpbrk", "strspn", "strstr", "strtod", "tan", "tanh",
    "__strcpy_chk",
    "__isoc23_strtod", "sqrt", "__strcat_chk", "strcat", "bcmp",
  ]
  /// The sandbox calls these in a critical section.
  private static let guarded: Set<String> = [
    "clock", "difftime", "gmtime_r", "localtime_r", "mktime", "strftime", "time",
  ]
  /// Only functions that scripts do not get, and a state that the bridge does not make, call these.
  private static let unreached: Set<String> = [
    "__fprintf_chk", "__uflow", "clearerr", "close", "dlclose", "dlerror", "dlopen", "dlsym",
    "exit", "fclose",
    "feof", "ferror", "fflush", "fgets", "flockfile", "fopen64", "fprintf", "fputc", "fputs",
    "fread", "free",
    "freopen64", "fseeko64", "ftello64", "funlockfile", "fwrite", "getc", "getenv", "mkstemp64",
    "pclose",
    "popen", "realloc", "remove", "rename", "setlocale", "setvbuf", "stderr", "stdin", "stdout",
    "strerror",
    "system", "tmpfile64", "ungetc", "_GLOBAL_OFFSET_TABLE_", "tmpfile", "fopen", "freopen",
    "fseeko", "ftello",
    "mkstemp",
  ]

  /// The archive that `make deps` has unpacked, or the system's.
  private static let archive: String? = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
      .standardized.path
    return [
      "\(root)/.lua/lib/liblua5.4.a", "/usr/lib/x86_64-linux-gnu/liblua5.4.a",
      "/usr/lib/aarch64-linux-gnu/liblua5.4.a",
    ].first { FileManager.default.fileExists(atPath: $0) }
  }()

  @Test(.enabled(if: archive != nil)) func `each function that Lua imports was looked at`() throws {
    let archive = try #require(Self.archive)
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["nm", "--undefined-only", "--format=posix", archive]
    process.standardOutput = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "nm")
    let names = Set(
      output.split(separator: "\n").filter { $0.contains(" U") }.compactMap {
        $0.split(separator: " ").first.map(String.init)
      }.filter { !$0.hasPrefix("lua") })
    #expect(names.contains("memcpy"))
    let unknown = names.subtracting(Self.reached).subtracting(Self.guarded).subtracting(
      Self.unreached)
    #expect(unknown.isEmpty, "does it take a lock in the C locale? \(unknown.sorted())")
  }
}
