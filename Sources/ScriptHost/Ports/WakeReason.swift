/// Why a worker must step the core soon.
package enum WakeReason {
  /// Runs have ended, or something is due.
  case reports
  /// Items have come.
  case everything
  /// Another thread steps the core; its effects are probably for this worker, which spins briefly instead of sleeping.
  case spin
}
