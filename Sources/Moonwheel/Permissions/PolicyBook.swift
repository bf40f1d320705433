import Permissions
import PolicyFile
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

  private struct State {
    /// The file that counts, by place.
    var files: [PolicyPlace: String] = [:]
    var policies: [String: Policy] = [:]
    /// Why a policy cannot be read, by its path.
    var failures: [String: String] = [:]
  }

  package let places: [PolicyPlace]
  private let state = Mutex(State())

  package init(paths: [String]) {
    places = paths.map { PolicyPlace(of: $0) }
    _ = read()
  }

  /// The paths whose changes concern the policies.
  package var files: Set<String> { Set(places.flatMap(\.candidates)) }

  /// Why policies cannot be read, in the order of their paths.
  package var failures: [String] {
    state.withLock { state in state.failures.sorted { $0.key < $1.key }.map(\.value) }
  }

  /// Reads the policies again. Returns what the user should know: a policy that cannot be read, or is gone.
  package func read() -> [String] {
    var news: [String] = []
    for place in places {
      let file = place.present
      let result = file.map { Self.read($0) }
      news += state.withLock { Self.note(place, file, result, in: &$0) }
    }
    return news
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
      // Editors that replace a file make it vanish for a moment: what the other place grants does not count.
      let isNew = state.failures.updateValue(failure.description, forKey: file) != failure.description
      guard isNew else { return [] }
      let rest = state.policies[file] == nil ? "nothing is granted" : "what it granted before still counts"
      return ["\(failure); until that is mended, \(rest)"]
    }
  }

  /// What concerns a script. `name` is that of the scheduler.
  package func entry(of name: String) -> Entry {
    let place = places.count == 1 ? places[0] : places.first { $0.has(name) }
    return state.withLock { state in
      guard let place, let file = state.files[place] else {
        return Entry(policy: .empty, file: nil, script: name)
      }
      return Entry(
        policy: state.policies[file] ?? .empty, file: file,
        script: place.name(of: name, in: file))
    }
  }

  /// Reads one policy.
  package static func read(_ file: String) -> Result<Policy, PolicyFailure> {
    do {
      return .success(try Policy(reading: RegularFile.read(file, atMost: Policy.maxBytes)))
    } catch let error as PolicyError {
      return .failure(PolicyFailure(description: "\(Paths.folder(of: file))/\(error)"))
    } catch {
      return .failure(PolicyFailure(description: "\(error)"))
    }
  }
}

/// Why a policy cannot be read: `/srv/jobs/moonwheel.policy:3: ...`.
package struct PolicyFailure: Error, Sendable, CustomStringConvertible {
  package let description: String
}
