/// Why somebody has to step the core soon.
package enum WakeReason {
  /// Runs have ended, or something is due.
  case reports
  case everything
  /// Another thread steps the core; its effects are probably for this worker, which spins briefly instead of sleeping.
  case spin
}
