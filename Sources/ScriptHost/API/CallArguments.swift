import MoonwheelModel

/// The arguments of a Swift function that a script calls, from index 0.
///
/// A script may leave out any argument, so each index past the last one holds `.nil`: no subscript of an element traps,
/// and ranges are clamped. `arguments[1...]` holds all but the first argument and keeps their indices. Compares with an
/// array literal, value by value: `arguments == ["moon cake"]`.
public struct CallArguments: RandomAccessCollection, ExpressibleByArrayLiteral, Hashable, Sendable {
  private let values: ArraySlice<Value>

  public init(_ values: [Value]) { self.values = values[...] }

  public init(arrayLiteral elements: Value...) { self.init(elements) }

  private init(slice: ArraySlice<Value>) { values = slice }

  public var startIndex: Int { values.startIndex }
  public var endIndex: Int { values.endIndex }

  /// `.nil` where the script passed nothing. O(1).
  public subscript(position: Int) -> Value {
    values.indices.contains(position) ? values[position] : .nil
  }

  /// Clamped to the passed arguments. O(1).
  public subscript(bounds: Range<Int>) -> CallArguments {
    CallArguments(slice: values[bounds.clamped(to: values.indices)])
  }

  /// Clamped to the passed arguments; empty past the end. O(n).
  public subscript(bounds: some RangeExpression<Int>) -> CallArguments {
    let kept = values.indices.filter { bounds.contains($0) }
    return self[(kept.first ?? endIndex)..<(kept.last ?? endIndex - 1) + 1]
  }
}

extension CallArguments: CustomStringConvertible {
  public var description: String { Array(values).description }
}
