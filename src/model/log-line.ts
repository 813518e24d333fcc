/** A line of what a machine said of itself, as it is kept and shown to people. */

export interface LogLine {
  /** Rises with each line of any machine; never used twice. */
  readonly id: number
  /** When it was received: milliseconds since 1970. A machine that installs has no clock to trust. */
  readonly at: number
  /** RFC 5424, 6.2.1: 0 emergency to 7 debug. */
  readonly severity: number
  /** The program that said it; empty when it did not say. */
  readonly app: string
  /** One line without control characters. */
  readonly message: string
}

const SEVERITIES = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'info', 'debug'] as const

/** Time (UTC), severity, program and message. */
export function formatLogLine({ at, severity, app, message }: LogLine): string {
  const time = new Date(at).toISOString().slice(0, 19).replace('T', ' ')
  const word = (SEVERITIES[severity] ?? '').padEnd(7)
  return `${time}  ${word}  ${app === '' ? '' : `${app}: `}${message}`.trimEnd()
}
