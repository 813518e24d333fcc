/** The mini profile's reader of #cloud-config, in busybox's awk as it runs on the machines, against a YAML library. */

import { resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify, type ToStringOptions } from 'yaml'
import { exec } from '../../src/lib/exec.ts'
import { needPackages } from '../support/debian.ts'
import { cloudConfig } from '../support/ensemble-client-documents.ts'

const PROGRAM = resolve(import.meta.dirname, '../../devenv/mini/cloud-config.awk')
beforeAll(() => needPackages('busybox'))

const read = (part: string, text: string) =>
  exec('busybox', ['awk', '-v', `part=${part}`, '-f', PROGRAM], { stdin: text })

interface Config {
  readonly runcmd?: readonly (string | readonly string[])[]
  readonly write_files?: readonly { readonly path: string; readonly content: string; readonly permissions?: string }[]
}

/** What a shell makes of what the reader prints: every word that it was given. */
async function filesOf(text: string): Promise<string[][]> {
  const shell = `put() { printf '%s\\0' "$@"; }\n${await read('files', text)}`
  const words = (await exec('busybox', ['sh'], { stdin: shell })).split('\0').slice(0, -1)
  return Array.from({ length: words.length / 5 }, (_, at) => words.slice(at * 5, at * 5 + 5))
}

function isReadBack(document: string, given: Config): boolean {
  try {
    return isDeepStrictEqual(parse(document), given)
  } catch {
    return false
  }
}

/** What a shell would run, as the words of each command. */
const script = ({ runcmd = [] }: Config): string =>
  runcmd
    .map(
      (one) => `${typeof one === 'string' ? one : one.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')}\n`,
    )
    .join('')

describe('a cloud-config', () => {
  test('as Python writes it', async () => {
    const text = `#cloud-config
apt_update: true
machine-data: {juju-provider-type: orchestra, juju-zookeeper-hosts: 'localhost:2181',
  machine-id: '0'}
output: {all: '| tee -a /var/log/cloud-init-output.log'}
packages: [bzr, byobu, 'python-twisted']
runcmd: [sudo apt-get install -y juju, 'sudo juju-admin initialize --instance-id=0a1b --admin-identity=admin:x/y=
    --provider-type=orchestra', "echo it''s \\"here\\"", 'a: b, c', [ls, -l, it's]]
ssh_authorized_keys:
- ssh-rsa AAAA== a@b
- 'ssh-rsa BBBB== c: d'
`
    expect(await read('commands', text)).toBe(
      [
        'sudo apt-get install -y juju',
        'sudo juju-admin initialize --instance-id=0a1b --admin-identity=admin:x/y= --provider-type=orchestra',
        `echo it''s "here"`,
        'a: b, c',
        `'ls' '-l' 'it'\\''s'`,
        '',
      ].join('\n'),
    )
    expect(await read('keys', text)).toBe('ssh-rsa AAAA== a@b\nssh-rsa BBBB== c: d\n')
    expect(await filesOf(text)).toEqual([])
  })

  test('as people write it', async () => {
    const text = `#cloud-config
# with remarks

write_files:
  - path: /etc/one   # here too
    permissions: '0600'
    content: |
      first line
        indented # no remark

      last 'line' "of" $it
  -   content: >-
        folded
        text

        in two
      path: "/etc/t\\x77o \\u20ac"
      append: true
  - {path: /etc/three, encoding: b64, content: YWI=}
runcmd:
  - echo plain: no map
  - |
    if true; then
      echo "several lines"
    fi
  - [sh, -c, "echo a, b"]
  - - touch
    - /tmp/x y
final_message: "done"
`
    expect(await filesOf(text)).toEqual([
      ['/etc/one', '0600', '', '', `first line\n  indented # no remark\n\nlast 'line' "of" $it\n`],
      ['/etc/two €', '', '', 'true', 'folded text\nin two'],
      ['/etc/three', '', 'b64', '', 'YWI='],
    ])
    expect(await read('commands', text)).toContain('echo "several lines"\n')
    expect(await read('commands', text)).toContain(`'sh' '-c' 'echo a, b'\n'touch' '/tmp/x y'\n`)
  })

  test.each<[string, ToStringOptions]>([
    ['plain', {}],
    ['in flow', { collectionStyle: 'flow' }],
    ['as JSON', { collectionStyle: 'flow', defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_DOUBLE' }],
    ['in single quotes', { singleQuote: true, defaultStringType: 'QUOTE_SINGLE' }],
    ['narrow', { lineWidth: 20 }],
    ['in blocks', { blockQuote: 'literal' }],
  ])('is read as it was meant, whatever it says: %s', async (_, style) => {
    const text = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'ab \n\'"\\$`#:,[]{}|>-&*!%@=~\t€😀'), minLength: 1, maxLength: 40 }),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    )
    // No shell takes a NUL, and a carriage return at the end of a line belongs to the line.
    const word = text.filter((one) => !one.includes('\0') && !/\r/.test(one))
    const file = fc.record({ path: word, content: word, permissions: fc.constantFrom('0644', '0755') })
    const config = fc.record({
      apt_update: fc.boolean(),
      runcmd: fc.array(fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 3 })), { minLength: 1, maxLength: 3 }),
      write_files: fc.array(file, { minLength: 1, maxLength: 2 }),
    })
    await fc.assert(
      fc.asyncProperty(config, async (given) => {
        const document = `#cloud-config\n${stringify(given, style)}`
        // The library writes some texts (half a character before a fold, a blank line alone) so that itself reads another, or none.
        fc.pre(isReadBack(document, given))
        expect(await read('commands', document)).toBe(script(given))
        const files = await filesOf(document)
        expect(files.map(([path, , , , content]) => [path, content])).toEqual(
          given.write_files.map(({ path, content }) => [path, content]),
        )
      }),
      { numRuns: 25 },
    )
  })

  test('as the Ensemble client writes it', async () => {
    const runcmd = ['sudo mkdir -p /var/lib/juju', `echo 'it''s' "done"`]
    expect(await read('commands', cloudConfig('0', ['localhost'], { runcmd }))).toBe(`${runcmd.join('\n')}\n`)
  })
})
