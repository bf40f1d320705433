extension Trigger {
  /// Five, six (seconds first) or seven (years last) fields, or a macro. Refuses an expression that never fires.
  public static func cron(_ text: String, _ options: TriggerOptions) throws(TriggerError) -> Trigger
  {
    try CronParser(text, options).parse()
  }
}
