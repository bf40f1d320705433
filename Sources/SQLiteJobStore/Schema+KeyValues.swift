extension Schema {
  /// The keys and values that scripts share.
  static let keyValues = """
    """
}
