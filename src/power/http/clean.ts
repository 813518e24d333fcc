/** Words of a stranger, made fit for our own sentences and logs: one line, without control characters, bounded. */
export function clean(text: string, most = 300): string {
  const line = text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return line.length > most ? `${line.slice(0, most - 1).trimEnd()}…` : line
}

/** A sentence that has a secret in it (a controller may echo what it was sent) is told without. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.filter((one) => one.length > 3).reduce((told, secret) => told.replaceAll(secret, '[redacted]'), text)
}
