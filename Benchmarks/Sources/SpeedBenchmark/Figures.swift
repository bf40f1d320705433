import BenchmarkSupport

/// The figures of one round of a measurement, by name: a line of JSON without nesting.
typealias Figures = [String: Double]

/// Runs a program that prints its figures as its last line; nil if the program is missing or fails.
func figures(of command: [String]) -> Figures? {
  guard let child = Child(command) else { return nil }
  var last = ""
  while let line = child.nextLine() { last = line }
  guard child.wait(), last.first == "{", last.last == "}" else { return nil }
  var figures: Figures = [:]
  for pair in last.dropFirst().dropLast().split(separator: ",") {
    let parts = pair.split(separator: ":")
    guard parts.count == 2, let number = Double(parts[1].filter { $0 != " " }) else { return nil }
    figures[String(parts[0].filter { $0 != " " && $0 != "\"" })] = number
  }
  return figures
}

func json(_ figures: Figures) -> String {
  let pairs = figures.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
  return "{\(pairs.joined(separator: ", "))}"
}
