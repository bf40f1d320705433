import Permissions
import PolicyFile
import ScriptHost
import Synchronization
import SystemCalls

/// The policies beside the scripts, as they were read last. Any thread may ask.
///
/// A policy that cannot be read changes nothing: what was read before counts on. One that is gone grants nothing.
package final class PolicyBook: Sendable {
  /// A policy as a script finds it.
  package struct Entry: Sendable {
    package let policy: Policy
    /// The absolute path; nil if there is no policy.
    package let file: String?
    /// The script's name in that policy.
    package let script: String
  }

  private struct State: Sendable {
    /// The file that counts, by place.
    var files: [PolicyPlace: String] = [:]
    var policies: [String: Policy] = [:]
    /// Why a policy cannot be read, by its path.
    var failures: [String: String] = [:]
    /// What no call of ``read()`` has told yet.
    var news: [String] = []
  }

  package let places: [PolicyPlace]
  private let state = Mutex(State())

  package convenience init(paths: [String]) { self.init(paths.map { PolicyPlace(of: $0) }) }

  /// One policy for all scripts, under the names that they have in the scheduler.
  convenience init(file: String) { self.init([PolicyPlace(file: file)]) }

  private init(_ places: [PolicyPlace]) {
    self.places = places
    refresh()
  }

  /// The paths whose changes concern the policies.
  package var files: Set<String> { Set(places.flatMap(\.candidates)) }

  /// Why policies cannot be read, in the order of their paths.
  package var failures: [String] {
    state.withLock { state in state.failures.sorted { $0.key < $1.key }.map(\.value) }
  }

  /// Reads the policies again.
  package func read() -> PolicyChange {
    let before = state.withLock { $0 }
    refresh()
    let after = state.withLock { state in
      defer { state.news = [] }
      return state
    }
    return PolicyChange(news: after.news) { [self] script in
      let (old, new) = (entry(of: script, in: before), entry(of: script, in: after))
      return [Policy.Word.allow, .deny].contains {
        old.policy.entries($0, of: old.script) != new.policy.entries($0, of: new.script)
      }
    }
  }

  private func refresh() {
    for place in places {
      let file = place.present
      let result = file.map { Self.read($0) }
      state.withLock { state in
        let news = Self.note(place, file, result, in: &state)
        state.news += news
      }
    }
  }

  private static func note(
    _ place: PolicyPlace, _ file: String?, _ result: Result<Policy, PolicyFailure>?,
    in state: inout State
  ) -> [String] {
    let before = state.files.updateValue(file ?? "", forKey: place) ?? ""
    guard let file, let result else {
      state.files[place] = nil
      state.failures[before] = nil
      guard state.policies.removeValue(forKey: before) != nil else { return [] }
      return ["\(before) is gone: what it granted is not granted any more"]
    }
    switch result {
    case .success(let policy):
      state.policies[file] = policy
      state.failures[file] = nil
      return []
    case .failure(let failure):
      let reason = failure.description
      guard state.failures.updateValue(reason, forKey: file) != reason else { return [] }
      let rest = state.policies[file] == nil ? "it grants nothing" : "what it said before counts on"
      return ["\(reason)\nUntil that is mended, \(rest)."]
    }
  }

  /// The place that has a script. `name` is that of the scheduler.
  package func place(of name: String) -> PolicyPlace? {
    places.count == 1 ? places[0] : places.first { $0.has(name) }
  }

  /// What concerns a script.
  package func entry(of name: String) -> Entry {
    entry(of: name, in: state.withLock { $0 })
  }

  private func entry(of name: String, in state: State) -> Entry {
    guard let place = place(of: name), let file = state.files[place] else {
      return Entry(policy: .empty, file: nil, script: name)
    }
    return Entry(
      policy: state.policies[file] ?? .empty, file: file, script: place.name(of: name, in: file))
  }

  /// Reads one policy.
  package static func read(_ file: String) -> Result<Policy, PolicyFailure> {
    do {
      return .success(try Policy(reading: RegularFile.read(file, atMost: Policy.maxBytes)))
    } catch let error as PolicyError {
      return .failure(PolicyFailure(description: "\(file):\(error.line): \(error.message)"))
    } catch {
      return .failure(PolicyFailure(description: "\(error)"))
    }
  }
}

/// Why a policy cannot be read: `/srv/jobs/moonwheel.policy:3: ...`.
package struct PolicyFailure: Error, Sendable, CustomStringConvertible {
  package let description: String
}
