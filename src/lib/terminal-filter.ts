/**
 * What a machine says to a terminal, without what would do more to that than show: ECMA-48 control strings (clipboard,
 * window titles, links, whatever a terminal makes of OSC, DCS, APC), reports of the window, printing. A recording is
 * shown to people who did not ask the machine anything, so from that the questions are taken too: a terminal would type
 * the answers, into whatever reads its keyboard then.
 *
 * Colors, cursor, clearing and bytes of any other encoding go through. Pieces may be cut anywhere.
 */

/** `live`: a person is at the machine, and programs may ask for the cursor. `record`: nobody is to answer. */
export type FilterKind = 'live' | 'record'

export type TerminalFilter = (bytes: Uint8Array) => Buffer

const [ENQ, BEL, CAN, SUB, ESC] = [0x05, 0x07, 0x18, 0x1a, 0x1b]
/** Terminals give up later; what is longer was broken off, or is an attack on who waits for its end. */
const LONGEST_SEQUENCE = 256
const LONGEST_STRING = 64 * 1024

/** After ESC, and as one C1 character: SOS, DCS, OSC, PM, APC; `k` is the title of screen and tmux. */
const STRING_AFTER_ESC = new Set([...'PX]^_k'].map(codeOf))
const STRING_C1 = new Set([0x90, 0x98, 0x9d, 0x9e, 0x9f])
const CSI_C1 = 0x9b
/** ST as one C1 character: c2 9c in UTF-8, in which a lone 9c is a part of many others. */
const ST_C1 = [0xc2, 0x9c] as const

/** ECMA-48, 5.4: what is not formed so is obeyed by some terminals and not by others. */
const SEQUENCE = /^[<=>?]?[\d;:]*[ -/]*[@-~]$/
/** Window operations (its title among the reports) and printing, of which there are private ones too. */
const NEVER = /^[<=>?]?[\d;:]*[ti]$/
/**
 * Device attributes and status, terminal parameters and modes, checksums of the screen, version, keyboard and graphics
 * reports (DA, DSR, DECREQTPARM, DECRQM, DECRQCRA, XTVERSION, XTQMODKEYS, XTSMGRAPHICS, DECRQPSR); and the mouse, which
 * would go on typing.
 */
const QUESTION =
  /^[<=>?]?[\d;:]*[cn]$|^[\d;:]*x$|\$[pwu]$|\*y$|&w$|^>[\d;:]*q$|^\?[\d;:]*[uSm]$|^\?(?:[\d;]*;)?(?:9|100[0-6]|101[56])(?:;[\d;]*)?h$/

type Mode = 'ground' | 'escape' | 'sequence' | 'string'

/** Keeps between two pieces what may be the beginning of something. */
export function terminalFilter(kind: FilterKind): TerminalFilter {
  let mode: Mode = 'ground'
  /** Of an escape sequence, from its ESC on. */
  let held: number[] = []
  /** Of a character in UTF-8, as far as it has come. */
  let partial: number[] = []
  let missing = 0
  /** Of a string: how much, and the byte before. */
  let length = 0
  let before = 0

  function onGround(byte: number, out: number[]): Mode {
    if (missing > 0) {
      if (isContinuation(byte, partial)) {
        partial.push(byte)
        missing--
        return missing === 0 ? afterCharacter(out) : 'ground'
      }
      // No UTF-8 then: bytes of an older encoding.
      out.push(...partial)
      missing = 0
    }
    if (byte === ESC) return begin('escape')
    if (lengthOf(byte) > 1) {
      partial = [byte]
      missing = lengthOf(byte) - 1
    } else if (!isSilent(byte)) out.push(byte)
    return 'ground'
  }

  /** A lone byte from 80 to 9f controls a terminal of eight bits, and shows on none. */
  function isSilent(byte: number): boolean {
    return (byte >= 0x80 && byte < 0xa0) || (byte === ENQ && kind === 'record')
  }

  function afterCharacter(out: number[]): Mode {
    const [lead, second = 0] = partial
    if (lead !== 0xc2 || second >= 0xa0) {
      out.push(...partial)
      return 'ground'
    }
    if (second === CSI_C1) return begin('sequence')
    return STRING_C1.has(second) ? begin('string') : 'ground'
  }

  function begin(next: Mode): Mode {
    held = next === 'sequence' ? [ESC, codeOf('[')] : [ESC]
    length = 0
    before = 0
    return next
  }

  function afterEscape(byte: number, out: number[]): Mode {
    if (byte === codeOf('[')) return begin('sequence')
    if (STRING_AFTER_ESC.has(byte)) return begin('string')
    if (byte < 0x20 || byte >= 0x7f) return onGround(byte, out)
    held.push(byte)
    // Intermediates: more is to come.
    if (byte < 0x30) return held.length < LONGEST_SEQUENCE ? 'escape' : 'ground'
    const isQuestion = kind === 'record' && held.length === 2 && byte === codeOf('Z')
    const isEndOfString = byte === codeOf('\\')
    if (!isQuestion && !isEndOfString) out.push(...held)
    return 'ground'
  }

  function inSequence(byte: number, out: number[]): Mode {
    if (byte === ESC || byte === CAN || byte === SUB || byte >= 0x7f) return onGround(byte, out)
    if (byte < 0x20) {
      // Controls in the middle of a sequence are obeyed at once.
      if (!isSilent(byte)) out.push(byte)
      return 'sequence'
    }
    held.push(byte)
    if (byte < 0x40) return held.length < LONGEST_SEQUENCE ? 'sequence' : 'ground'
    const text = String.fromCharCode(...held.slice(2))
    const isGood = SEQUENCE.test(text) && !NEVER.test(text) && !(kind === 'record' && QUESTION.test(text))
    if (isGood) out.push(...held)
    return 'ground'
  }

  function inString(byte: number): Mode {
    // Any other sequence ends it as well.
    if (byte === ESC) return begin('escape')
    const isSt = before === ST_C1[0] && byte === ST_C1[1]
    length++
    before = byte
    return byte === BEL || byte === CAN || byte === SUB || isSt || length >= LONGEST_STRING ? 'ground' : 'string'
  }

  const STEPS: Readonly<Record<Mode, (byte: number, out: number[]) => Mode>> = {
    ground: onGround,
    escape: afterEscape,
    sequence: inSequence,
    string: inString,
  }

  return (bytes) => {
    const out: number[] = []
    for (const byte of bytes) mode = STEPS[mode](byte, out)
    return Buffer.from(out)
  }
}

function codeOf(character: string): number {
  return character.charCodeAt(0)
}

/** How many bytes a character has in UTF-8 that begins so; 1 for what begins none. */
function lengthOf(byte: number): number {
  if (byte >= 0xc2 && byte <= 0xdf) return 2
  if (byte >= 0xe0 && byte <= 0xef) return 3
  return byte >= 0xf0 && byte <= 0xf4 ? 4 : 1
}

/** Also refuses characters that are written longer than they are: a lax reader would find controls in them. */
function isContinuation(byte: number, partial: readonly number[]): boolean {
  if (byte < 0x80 || byte > 0xbf) return false
  if (partial.length > 1) return true
  return !(partial[0] === 0xe0 && byte < 0xa0) && !(partial[0] === 0xf0 && byte < 0x90)
}
