import MoonwheelModel

/// The arguments of a Swift function that a script calls, from index 0.
///
/// A script may leave out any argument, so each index past the last one holds `.nil`: no subscript of an element traps,
/// and ranges are clamped. `arguments[1...]` holds all but the first argument and keeps their indices. Compares with an
/// array literal: `arguments == ["moon cake"]`.
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

  /// Clamped to the passed arguments. O(1).
  public subscript(bounds: ClosedRange<Int>) -> CallArguments {
    let end = Swift.min(bounds.upperBound, endIndex - 1) + 1
    return self[bounds.lowerBound..<Swift.max(bounds.lowerBound, end)]
  }

  /// All up to an index, inclusive. O(1).
  public subscript(bounds: PartialRangeThrough<Int>) -> CallArguments {
    self[startIndex..<Swift.max(startIndex, Swift.min(bounds.upperBound, endIndex - 1) + 1)]
  }

  /// All before an index. O(1).
  public subscript(bounds: PartialRangeUpTo<Int>) -> CallArguments {
    self[startIndex..<Swift.max(startIndex, bounds.upperBound)]
  }

  /// All from an index on; empty past the end. O(1).
  public subscript(bounds: PartialRangeFrom<Int>) -> CallArguments {
    self[Swift.min(bounds.lowerBound, endIndex)..<endIndex]
  }
}

extension CallArguments {
  /// Compares the values, not their indices.
  public static func == (a: CallArguments, b: CallArguments) -> Bool { a.values == b.values }

  public func hash(into hasher: inout Hasher) { hasher.combine(values) }
}

extension CallArguments: CustomStringConvertible {
  public var description: String { Array(values).description }
}
