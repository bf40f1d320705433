import MoonwheelModel
import FoundationEssentials
import Moonwheel

/// A JSON text as a value for scripts: null is nil, an object is a table, an array a list.
enum JSONArguments {
  static func parse(_ text: String) throws(Failure) -> Value {
    do {
      return try JSONDecoder().decode(Content.self, from: Data(text.utf8)).value
    } catch {
      throw Failure(
        message: "moonwheel: --args must be JSON, as in --args '{\"id\": 42}', not \(text)",
        code: 64)
    }
  }

  private struct Content: Decodable {
    let value: Value

    init(from decoder: any Decoder) throws {
      let single = try decoder.singleValueContainer()
      if single.decodeNil() {
        value = .nil
      } else if let flag = Self.try(Bool.self, single) {
        value = .bool(flag)
      } else if let integer = Self.try(Int64.self, single) {
        value = .integer(integer)
      } else if let number = Self.try(Double.self, single) {
        value = .number(number)
      } else if let text = Self.try(String.self, single) {
        value = .string(text)
      } else if let list = Self.try([Content].self, single) {
        value = list.isEmpty ? .table([:]) : .list(list.map(\.value))
      } else {
        let object = try single.decode([String: Content].self)
        value = .table(
          Dictionary(uniqueKeysWithValues: object.map { (.string($0.key), $0.value.value) }))
      }
    }

    /// Nil where the text is of another type: the decoder says so by an error.
    private static func `try`<T: Decodable>(
      _ type: T.Type, _ container: any SingleValueDecodingContainer
    ) -> T? {
      do { return try container.decode(type) } catch { return nil }
    }
  }
}
