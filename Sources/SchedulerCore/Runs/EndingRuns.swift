import MoonwheelModel

/// What a run began and has not ended yet when the run has ended, such as a child process that got a signal.
public struct EndingResources: Sendable {
  /// Unique in this host.
  public var number: UInt64
  /// Names them for people: `child 123`.
  public var label: String

  public init(number: UInt64, label: String) {
    self.number = number
    self.label = label
  }
}

/// The runs of one job that have ended, but not all that they began.
struct EndingRuns {
  struct Entry {
    let resources: EndingResources
    let run: Run.ID
    let attempt: Int32
  }

  private(set) var entries: [Entry] = []
  /// The numbers of resources that were gone before the core heard of the end of their run.
  private var gone: Set<UInt64> = []

  /// Returns false if they are gone already.
  mutating func begin(_ entry: Entry) -> Bool {
    guard gone.remove(entry.resources.number) == nil else { return false }
    entries.append(entry)
    return true
  }

  /// Returns the entry of resources that are gone now; nil if the end of their run comes later.
  mutating func end(_ number: UInt64) -> Entry? {
    guard let index = entries.firstIndex(where: { $0.resources.number == number }) else {
      gone.insert(number)
      return nil
    }
    return entries.remove(at: index)
  }
}
