import Moonwheel
import MoonwheelModel
import MoonwheelReports
import SQLiteJobStore
import SystemCalls

/// The jobs that somebody has paused or cancelled, according to the store that a host of these scripts would have.
struct HeldJobs {
  private struct Name: Hashable {
    var script: String
    var job: String
  }

  private var rows: [Name: StoredJob] = [:]

  /// There are none if there is no store. A store that cannot be read is a warning.
  init(scripts paths: [String]) {
    do throws(Failure) {
      guard case .file(let path) = try StoreLocation(nil, scripts: paths),
        FileStatus(of: path) != nil
      else { return }
      read(path)
    } catch {
      return  // several paths have no common store
    }
  }

  private mutating func read(_ path: String) {
    let store = SQLiteJobStore(path: path, mode: .readOnly)
    defer { store.close() }
    do throws(StoreError) {
      for row in try store.jobs(script: nil, name: nil) {
        rows[Name(script: row.script, job: row.name)] = row
      }
    } catch {
      printError(
        "warning: the store cannot be read, so nothing is known of paused and cancelled jobs: \(error)"
      )
    }
  }

  func hold(of job: JobDescription) -> JobHold? {
    rows[Name(script: job.script, job: job.name)].flatMap { job.hold(in: $0) }
  }
}
