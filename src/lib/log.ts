/** The log: pino. Secrets are removed here too, though nobody should log them in the first place. */
import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>

const SECRETS: ReadonlySet<string> = new Set([
  ...['password', 'power_pass', 'powerPass', 'pass', 'token', 'authorization', 'USER_DATA_BASE64', 'userData'],
])
/** pino writes no more of an object. */
const DEPTH = 5

/** @param format `json` for collectors, `text` for people. */
export function createLog(level: string, format: 'json' | 'text'): Logger {
  const options = {
    level,
    base: null,
    formatters: { log: withoutSecrets },
    serializers: { err: (error: Error) => withoutSecrets(pino.stdSerializers.err(error)) },
  }
  if (format === 'json') return pino(options)
  return pino(options, pretty({ sync: true, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname', singleLine: true }))
}

/**
 * The same object where there is nothing to hide, which is nearly always. pino's own redaction looks at paths one by one: it took
 * a tenth of the time of a DHCP server in a rush, and saw two levels.
 */
function withoutSecrets<Value extends object>(value: Value, depth = 0): Value {
  let copy: Record<string, unknown> | undefined
  for (const [key, inner] of Object.entries(value)) {
    const shown = SECRETS.has(key)
      ? '[redacted]'
      : isWalked(inner) && depth < DEPTH
        ? withoutSecrets(inner, depth + 1)
        : inner
    if (shown === inner) continue
    copy ??= (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>
    copy[key] = shown
  }
  return (copy as Value | undefined) ?? value
}

/** An error is walked when its serializer has made an object of it. */
function isWalked(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof Error) && !ArrayBuffer.isView(value)
}
