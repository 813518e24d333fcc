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

/** Linux passes no longer word to a program (MAX_ARG_STRLEN), and the installer passes the whole command as one. */
const MOST_BYTES = 131_071

/**
 * Runs in the target, decoded there: an installer's own busybox may have no base64. What fails stays failed, because the
 * installer shows that to whoever watches, and because netboot is then still on.
 * @throws OrchestraError template.invalid, or item.invalid for user data that no installer could take
 */
export function lateCommand(script: Script, data: Data, { done, failed }: Urls): string {
  const body = encode(script, data)
  const command = [
    `in-target sh -c 'echo ${body} | base64 -d | sh'`,
    ...(done === undefined ? [] : [` && wget -q -O /dev/null ${done}`]),
    ...(failed === undefined ? [] : [` || { wget -q -O /dev/null '${failed}'; false; }`]),
  ].join('')
  if (command.length > MOST_BYTES) {
    throw new OrchestraError(
      'item.invalid',
      `the late command is ${command.length} bytes long, and an installer takes ${MOST_BYTES}; shorten USER_DATA_BASE64`,
      { field: 'meta' },
    )
  }
  return `d-i preseed/late_command string ${command}`
}

/** Runs in the installer itself. It only tells, so nothing that goes wrong in it may stop an install. */
export function earlyCommand(script: Script, data: Data): string {
  return `d-i preseed/early_command string echo ${encode(script, data)} | base64 -d | sh || true`
}

function encode({ path, text, snippet }: Script, data: Data): string {
  return Buffer.from(renderTemplate({ path, text, snippet }, data)).toString('base64')
}
