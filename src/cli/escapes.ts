/** The keys that a console keeps for itself, as ssh has them: at the beginning of a line `~.` leaves, `~B` is a break; so does Ctrl-]. */

export interface Typed {
  /** For the machine. */
  readonly keys: Buffer
  readonly act: 'leave' | 'break' | undefined
}

const [TILDE, RETURN, NEWLINE, GROUP_SEPARATOR] = [0x7e, 0x0d, 0x0a, 0x1d]
const ACTS: Readonly<Record<string, Typed['act']>> = { '.': 'leave', B: 'break', b: 'break' }

/** Remembers whether a line begins. What follows an act comes with the next call, or is lost with the console. */
export function watchEscapes(): (keys: Uint8Array) => Typed[] {
  let isBegin = true
  let isTilde = false

  return (keys) => {
    const typed: Typed[] = []
    let plain: number[] = []
    const act = (what: Typed['act']) => {
      typed.push({ keys: Buffer.from(plain), act: what })
      plain = []
    }
    for (const key of keys) {
      const wanted = isTilde ? ACTS[String.fromCharCode(key)] : undefined
      // The tilde itself is typed by two, and by one that nothing known follows.
      if (isTilde && wanted === undefined && key !== TILDE) plain.push(TILDE)
      const wasTilde = isTilde
      isTilde = !wasTilde && isBegin && key === TILDE
      isBegin = key === RETURN || key === NEWLINE || wanted === 'break'
      if (key === GROUP_SEPARATOR) act('leave')
      else if (wanted !== undefined) act(wanted)
      else if (!isTilde) plain.push(key)
    }
    if (plain.length > 0) act(undefined)
    return typed
  }
}
