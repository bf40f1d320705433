import TestSupport
import Triggers

/// Generates random expressions together with their sets of values.
struct CronGenerator {
  var random: SplitMix64

  mutating func expression() -> CronModel {
    var model = CronModel()
    var parts: [String] = []
    if random.chance(25) {
      let second = field(0...59, star: 30)
      model.seconds = .init(second.values)
      parts.append(second.text)
    }
    let minute = field(0...59, star: 25)
    let hour = field(0...23, star: 50)
    model.minutes = .init(minute.values)
    model.hours = .init(hour.values)
    model.isWildcard = minute.text.hasPrefix("*") || hour.text.hasPrefix("*")
    let day = dayField(&model)
    let month = field(1...12, star: 85)
    model.months = month.values
    let weekday = weekdayField(&model)
    model.needsBoth = day.hasPrefix("*") || weekday.hasPrefix("*")
    parts += [minute.text, hour.text, day, month.text, weekday]
    model.text = parts.joined(separator: " ")
    return model
  }

  private mutating func field(
    _ range: ClosedRange<Int>, star: Int
  ) -> (text: String, values: Set<Int>) {
    if random.chance(star) { return ("*", Set(range)) }
    var text: [String] = []
    var values: Set<Int> = []
    for _ in 0..<random.pick([1, 1, 1, 2, 3]) {
      let item = item(range)
      text.append(item.text)
      values.formUnion(item.values)
    }
    return (text.joined(separator: ","), values)
  }

  private mutating func item(_ range: ClosedRange<Int>) -> (text: String, values: [Int]) {
    let size = range.count
    let (a, b, step) = (random.next(in: range), random.next(in: range), random.next(in: 1...size))
    switch random.next(in: 0...5) {
    case 0:
      return ("*/\(step)", range.filter { ($0 - range.lowerBound) % step == 0 })
    case 1:
      let values = (0...(b - a + size) % size).map { (a - range.lowerBound + $0) % size }
      return ("\(a)-\(b)", values.map { $0 + range.lowerBound })
    case 2:
      let places = (0...(b - a + size) % size).filter { $0 % step == 0 }
      return (
        "\(a)-\(b)/\(step)", places.map { (a - range.lowerBound + $0) % size + range.lowerBound }
      )
    case 3: return ("\(a)/\(step)", range.filter { $0 >= a && ($0 - a) % step == 0 })
    default: return ("\(a)", [a])
    }
  }

  private mutating func dayField(_ model: inout CronModel) -> String {
    switch random.next(in: 1...100) {
    case ...70:
      model.days = Set(1...31)
      return "*"
    case ...76:
      model.daysFromLast = [0]
      return "L"
    case ...80:
      let n = random.next(in: 1...30)
      model.daysFromLast = [n]
      return "L-\(n)"
    case ...84:
      model.lastWeekdayOfMonth = true
      return "LW"
    case ...88:
      let n = random.next(in: 1...31)
      model.nearest = [n]
      return "\(n)W"
    default:
      let field = field(1...31, star: 0)
      model.days = field.values
      return field.text
    }
  }

  private mutating func weekdayField(_ model: inout CronModel) -> String {
    let names = ["sun", "mon", "Tue", "WED", "thu", "fri", "sat"]
    switch random.next(in: 1...100) {
    case ...65:
      model.weekdays = Set(0...6)
      return random.pick(["*", "*", "*"])
    case ...75:
      let (day, n) = (random.next(in: 0...6), random.next(in: 1...5))
      model.nth = [(day, n)]
      return "\(names[day])#\(n)"
    case ...80:
      let day = random.next(in: 0...6)
      model.nth = [(day, 6)]
      return "\(day)L"
    case ...88:
      let (a, b) = (random.next(in: 0...6), random.next(in: 0...6))
      model.weekdays = Set((0...(b - a + 7) % 7).map { (a + $0) % 7 })
      return "\(names[a])-\(names[b])"
    default:
      let field = field(0...6, star: 0)
      model.weekdays = field.values
      return field.text
    }
  }
}
