/**
 * Readable scripts become installer commands: rendered with shell-quoted values and carried whole as one word of base64,
 * so that no quoting is left to get wrong on the way through debconf, the installer's shell and a chroot.
 */
import { OrchestraError } from '../model/errors.ts'
import { type Data, type ReadText, renderTemplate } from './template.ts'

export interface Script {
  /** For messages: `preseeds/scripts/late.sh`. */
  readonly path: string
  readonly text: string
  readonly snippet: ReadText
}

export interface Urls {
  /** Called when all went well: turns netboot off. Undefined: there is no system to call for. */
  readonly done: string | undefined
  /** Called when anything went wrong. */
  readonly failed: string | undefined
}

/** Linux passes no longer word to a program (MAX_ARG_STRLEN), and some installers pass a whole command as one. */
const MOST_BYTES = 131_071
/** For what stands around the script in its command: two URLs, and names of at most 255 characters in them. */
const AROUND = 2048

/** A script, what is said in it, and both as one word of base64. */
export interface FilledScript {
  readonly script: Script
  readonly data: Data
  readonly word: string
}

/** @throws OrchestraError template.invalid */
export function fillScript(script: Script, data: Data): FilledScript {
  return { script, data, word: Buffer.from(renderTemplate(script, data)).toString('base64') }
}

/**
 * The same script, for installers that pass it on within one argument: user data that is too long for that is fetched.
 * @param instead what is said in place of the user data, so that the target fetches it; undefined: it cannot
 * @throws OrchestraError template.invalid, or item.invalid for user data that no installer could take
 */
export function fitForArgument(whole: FilledScript, instead: Data | undefined): FilledScript {
  const { script, data } = whole
  const isTooLong = whole.word.length + AROUND > MOST_BYTES
  const fitting = isTooLong && instead ? fillScript(script, { ...data, ...instead }) : whole
  if (fitting.word.length + AROUND <= MOST_BYTES) return fitting
  throw new OrchestraError(
    'item.invalid',
    `the late command is ${fitting.word.length} bytes long, and an installer takes ${MOST_BYTES - AROUND}; shorten USER_DATA_BASE64`,
    { field: 'meta' },
  )
}

/**
 * debian-installer's. Runs in the target, decoded there: an installer's own busybox may have no base64. What fails stays
 * failed, because the installer shows that to whoever watches, and because netboot is then still on.
 */
export function lateCommand(word: string, { done, failed }: Urls): string {
  const command = [
    `in-target sh -c 'echo ${word} | base64 -d | sh'`,
    ...(done === undefined ? [] : [` && wget -q -O /dev/null ${done}`]),
    ...(failed === undefined ? [] : [` || { wget -q -O /dev/null '${failed}'; false; }`]),
  ].join('')
  return `d-i preseed/late_command string ${command}`
}

/** debian-installer's. Runs in the installer itself. It only tells, so nothing that goes wrong in it may stop an install. */
export function earlyCommand(word: string): string {
  return `d-i preseed/early_command string echo ${word} | base64 -d | sh || true`
}
