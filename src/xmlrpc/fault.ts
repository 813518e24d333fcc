/**
 * Faults as Cobbler words them. Clients tell them apart by substrings of the text, never by the code (always 1), so these
 * words are contract. Where Cobbler 2.8 and 3.3 differ, CHOICES.md says what is answered here.
 */
export class Fault extends Error {
  override readonly name = 'Fault'
}

const CX = "<class 'cobbler.cexceptions.CX'>"

/** The fault that nearly all are: Cobbler's own exception with its message. */
export function cobblerFault(message: string): Fault {
  return new Fault(`${CX}:${pythonRepr(message)}`)
}

/** Arguments that do not fit: Python's own exception, whose message has no quotes. */
export function typeFault(message: string): Fault {
  return new Fault(`<class 'TypeError'>:${message}`)
}

export function invalidToken(token: string): Fault {
  return cobblerFault(`invalid token: ${token}`)
}

/** Juju and MAAS look for "unknown system name". */
export function unknownName(type: string, name: string): Fault {
  return cobblerFault(`internal error, unknown ${type} name ${name}`)
}

/** `repr()` of a string: single quotes, or double ones when it has a single one in it. */
export function pythonRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replace(/[\0-\x1f\x7f]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote
}
