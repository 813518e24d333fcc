/** The log: pino, with the redactions. Secrets are removed here too, though nobody should log them in the first place. */
import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>

const SECRETS = [
  'password',
  'power_pass',
  'powerPass',
  'pass',
  'token',
  'authorization',
  'USER_DATA_BASE64',
  'userData',
]

/** @param format `json` for collectors, `text` for people. */
export function createLog(level: string, format: 'json' | 'text'): Logger {
  const options = {
    level,
    base: null,
    redact: { paths: SECRETS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[redacted]' },
  }
  if (format === 'json') return pino(options)
  return pino(options, pretty({ sync: true, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname', singleLine: true }))
}
