/// Sine and cosine of degrees, to about 1e-15; this layer links no C library.
///
/// The angle is reduced to one eighth of a turn, where a Taylor series of eight terms is exact to the last bits.
enum Degrees {
  static func sin(_ degrees: Double) -> Double { sinCos(degrees).sin }

  static func sinCos(_ degrees: Double) -> (sin: Double, cos: Double) {
    let turn = degrees - 360 * Double(floor(degrees / 360))
    let quarter = round(turn / 90)
    let x = (turn - 90 * Double(quarter)) * (Double.pi / 180)
    let square = x * x
    var sine = 0.0
    var cosine = 0.0
    for n in stride(from: 8.0, through: 1, by: -1) {
      sine = (1 - sine) * square / ((2 * n) * (2 * n + 1))
      cosine = (1 - cosine) * square / ((2 * n - 1) * (2 * n))
    }
    (sine, cosine) = (x * (1 - sine), 1 - cosine)
    switch quarter & 3 {
    case 0: return (sine, cosine)
    case 1: return (cosine, -sine)
    case 2: return (-sine, -cosine)
    default: return (-cosine, sine)
    }
  }
}
