extension Schema {
  /// Version 5: what modules and the control of jobs keep.
  static let modules = [jobs, runs, generations, leftovers, keyValues]
    .joined(separator: "\n")

  /// Up to when the fires of a job are handled whose script does not load.
  private static let jobs = "ALTER TABLE jobs ADD COLUMN unloaded_since INTEGER;"

  /// Why each run has started, with what, from which texts, and what it has left; who asked for a pending run. The kind of
  /// a cause is a `RunCause.Kind`; `ending` is set for the few runs of which something has not ended.
  private static let runs =
    ["running", "runs"].map { table in
      """
      ALTER TABLE \(table) ADD COLUMN cause INTEGER;
      ALTER TABLE \(table) ADD COLUMN cause_by TEXT;
      ALTER TABLE \(table) ADD COLUMN cause_of INTEGER;
      ALTER TABLE \(table) ADD COLUMN input BLOB;
      ALTER TABLE \(table) ADD COLUMN version INTEGER;
      ALTER TABLE \(table) ADD COLUMN ending TEXT;
      """
    }.joined(separator: "\n") + """

      CREATE INDEX runs_ending ON runs(job) WHERE ending IS NOT NULL;
      ALTER TABLE promises ADD COLUMN asked_by TEXT;
      ALTER TABLE promises ADD COLUMN asked_of INTEGER;
      """

  /// The newest versions of each script, the newest with the greatest id. `version` is a `SourceVersion`; the file's own
  /// migration sets that of older rows, for which the tables have no hash. The texts are in `sources`; `jobs` says what the
  /// script registered.
  private static let generations = """
    CREATE TABLE generations(
      id INTEGER PRIMARY KEY, script TEXT NOT NULL, version INTEGER NOT NULL,
      loaded_at INTEGER NOT NULL, is_current INTEGER NOT NULL, jobs BLOB,
      UNIQUE(script, version)
    ) STRICT;
    CREATE TABLE generation_sources(
      generation INTEGER NOT NULL, module TEXT NOT NULL, chunk TEXT NOT NULL,
      source INTEGER NOT NULL, PRIMARY KEY(generation, module)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO generations(script, version, loaded_at, is_current)
      SELECT script, 0, loaded_at, 1 FROM script_sources WHERE module = '' ORDER BY loaded_at;
    INSERT INTO generation_sources
      SELECT generations.id, module, chunk, source FROM script_sources JOIN generations USING(script);
    DROP TABLE script_sources;
    """

  /// What is to be done after runs, and is not done yet.
  private static let leftovers = """
    CREATE TABLE leftovers(
      id INTEGER PRIMARY KEY, script TEXT NOT NULL, run INTEGER NOT NULL, kind TEXT NOT NULL,
      payload BLOB, at INTEGER NOT NULL
    ) STRICT;
    """
}
