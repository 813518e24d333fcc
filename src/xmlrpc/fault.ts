/**
 * Faults as Cobbler words them. Clients tell them apart by substrings of the text, never by the code (always 1), so these
 * words are contract.
 *
 * Where Cobbler 2.8 and 3.3 differ, Orchestra answers as follows:
 *
 * | matter                                | 2.8                     | 3.3                          | here                  |
 * | ------------------------------------- | ----------------------- | ---------------------------- | --------------------- |
 * | class in the text                     | cobbler.cexceptions.CX  | CX, ValueError, OSError …    | CX; TypeError for     |
 * |                                       |                         |                              | a wrong argument list |
 * | token empty, short or logged out      | invalid token: TOKEN    | "token" did not have the …   | 2.8: juju logs in     |
 * |                                       |                         |                              | only on those words   |
 * | unknown method                        | unknown remote method   | unknown remote method 'x'    | 3.3                   |
 * | modify: ksmeta, kopts, netboot-enabled| taken                   | False                        | taken                 |
 * | modify: autoinstall_meta, enable_ipxe | False                   | taken                        | taken                 |
 * | modify_interface: subnet, bonding     | taken                   | ignored                      | taken                 |
 * | answers: ks_meta and autoinstall_meta | the first               | both                         | both                  |
 * | system's ks_meta set to <<inherit>>   | {}                      | <<inherit>>                  | {}: means the same    |
 * | null given to a text                  | ""                      | kept                         | ""                    |
 * | MAC address                           | as typed                | lower case                   | lower case            |
 * | find by MAC                           | any case                | exact case                   | any case              |
 * | find by glob on an interface field    | finds nothing           | finds nothing                | finds                 |
 * | find with {}                          | all                     | fault                        | all                   |
 * | find by a boolean or a list           | fault                   | fault                        | taken                 |
 * | save of an incomplete object          | False                   | fault                        | fault                 |
 * | remove of a missing name              | fault on None           | True                         | True                  |
 * | rename onto another's name            | overwrites              | overwrites                   | fault                 |
 * | save of a new one with a used name    | overwrites              | overwrites                   | fault                 |
 * | delete_interface, missing             | True                    | fault                        | True                  |
 * | rename_interface takes                | [old, new]              | {interface, rename_interface}| both                  |
 * | check_access                          | True                    | 1                            | True                  |
 * | netboot_enabled of a new system       | True                    | False                        | True                  |
 * | interface_type of a new interface     | ""                      | na                           | na                    |
 * | event id                              | time_kind               | time_Display name_hex        | time_kind_hex         |
 * | version                               | 2.8.5                   | 3.3.7                        | 3.3.7                 |
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
