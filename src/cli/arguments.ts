/** The options that hold for every command, taken out of a command line wherever they stand. */
import { CliError } from './io.ts'

export interface Arguments {
  readonly server: string | undefined
  readonly tokenFile: string | undefined
  readonly json: boolean
  /** The command with its own options. */
  readonly rest: readonly string[]
}

/** Where Cobbler's own `--server` is a field: what a machine fetches from. */
const HAS_SERVER_FIELD = /^(profile|system) (add|edit|copy|find)$/

/** @param name called as `cobbler`, a command line means what it means to Cobbler. @throws CliError */
export function takeArguments(argv: readonly string[], name: string): Arguments {
  const values = new Map<string, string>()
  let json = false
  const rest: string[] = []
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? ''
    if (word === '--') {
      rest.push(...argv.slice(at))
      break
    }
    const [option = '', ...after] = word.split('=')
    const isField = option === '--server' && name === 'cobbler' && HAS_SERVER_FIELD.test(rest.slice(0, 2).join(' '))
    if (word === '--json') json = true
    else if (isField || (option !== '--server' && option !== '--token-file')) rest.push(word)
    else if (after.length > 0) values.set(option, after.join('='))
    else {
      const value = argv[++at]
      if (value === undefined) throw new CliError(`${option} needs a value`)
      values.set(option, value)
    }
  }
  return { server: values.get('--server'), tokenFile: values.get('--token-file'), json, rest }
}
