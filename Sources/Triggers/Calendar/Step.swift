/// Every nth day, week, month, hour or minute, counted in wall time from a job's registration.
///
/// Hours and minutes count from the midnight before the registration, so that a step which divides the day gives the
/// same times each day; months count from January of its year. The first day comes one period after the registration;
/// weeks count from the first matching day after it.
struct Step: Equatable, Sendable {
  enum Unit: Equatable, Sendable {
    case minutes, hours, days, weeks, months
  }
  var unit: Unit
  /// At least 2.
  var count: Int
}
