import MoonwheelModel

/// What a script passed to a function of Swift, counted from 0.
///
/// A script may leave out any argument, so each place past the last one holds `.nil`: no subscript of an element traps, and
/// ranges are cut to what there is. `arguments[1...]` is what follows the first argument, if anything does; its places keep
/// their numbers. Compares with an array literal: `arguments == ["moon cake"]`.
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

  /// As far as the script passed that many. O(1).
  public subscript(bounds: Range<Int>) -> CallArguments {
    CallArguments(slice: values[bounds.clamped(to: values.indices)])
  }

  /// As far as the script passed that many. O(1).
  public subscript(bounds: ClosedRange<Int>) -> CallArguments {
    let end = Swift.min(bounds.upperBound, endIndex - 1) + 1
    return self[bounds.lowerBound..<Swift.max(bounds.lowerBound, end)]
  }

  /// All up to a place, and that. O(1).
  public subscript(bounds: PartialRangeThrough<Int>) -> CallArguments {
    self[startIndex..<Swift.max(startIndex, Swift.min(bounds.upperBound, endIndex - 1) + 1)]
  }

  /// All before a place. O(1).
  public subscript(bounds: PartialRangeUpTo<Int>) -> CallArguments {
    self[startIndex..<Swift.max(startIndex, bounds.upperBound)]
  }

  /// All from a place on; empty where there are none. O(1).
  public subscript(bounds: PartialRangeFrom<Int>) -> CallArguments {
    self[Swift.min(bounds.lowerBound, endIndex)..<endIndex]
  }
}

extension CallArguments {
  /// By what was passed, whatever its places are numbered.
  public static func == (a: CallArguments, b: CallArguments) -> Bool { a.values == b.values }

  public func hash(into hasher: inout Hasher) { hasher.combine(values) }
}

extension CallArguments: CustomStringConvertible {
  public var description: String { Array(values).description }
}
