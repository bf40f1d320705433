import JobHistory
import Moonwheel
import MoonwheelModel

/// The jobs as `list` shows them: place, name, and trigger with the next fire.
package struct JobTable {
  private let rows: [[String]]

  /// `hold` says whether somebody holds a job back.
  package init(_ jobs: [JobDescription], hold: (JobDescription) -> JobHold? = { _ in nil }) {
    rows = jobs.map { job in
      ["\(job.script):\(job.line)", job.name, job.words + job.nextText(hold(job))].map {
        // A tab would be read as the end of a column.
        $0.replacing("\t", with: "\\t").escapingControls
      }
    }
  }

  /// For programs: columns with a tab between them.
  package var tabbed: [String] { rows.map { $0.joined(separator: "\t") } }

  /// For people: columns of equal width, each of 40 characters at most.
  package var aligned: [String] {
    let widths = [0, 1].map { column in min(40, rows.map { $0[column].count }.max() ?? 0) }
    return rows.map { row in
      zip(row, widths).map { ShortText.padded($0, to: $1) + "  " }.joined() + row[2]
    }
  }
}
