/** Changes of orchestra.yaml: what is not meant stays as it is, comments and order too. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { editConfig } from '../src/config-edit.ts'

const FILE = `# Our site.
http:
  listen: "127.0.0.1:80" # behind the proxy
  url: http://boot.example

# The rack in the cellar
dhcp:
  subnets:
    # the first floor
    - { subnet: 10.77.0.0/24, pool: 10.77.0.100-10.77.0.250 } # printers are below 100
    # the second floor
    - subnet: 10.78.0.0/24
      gateway: 10.78.0.1 # the old router
dns:
tftp: { enabled: true }
`

describe('a change', () => {
  test('of one value touches its line alone', () => {
    const edited = editConfig(FILE, { 'http.listen': ':8080' })
    expect(edited).toBe(FILE.replace('"127.0.0.1:80"', '":8080"'))
  })

  test('of nothing is the same bytes', () => {
    expect(editConfig(FILE, {})).toBe(FILE)
    expect(editConfig(FILE, { 'http.url': 'http://boot.example', 'tftp.enabled': true })).toBe(FILE)
  })

  test('adds a group, fills an empty one, and takes one away that holds nothing more', () => {
    const edited = editConfig(FILE, { 'log.level': 'debug', 'dns.enabled': true, 'tftp.enabled': null })
    expect(parse(edited)).toEqual({
      ...parse(FILE),
      ...{ log: { level: 'debug' }, dns: { enabled: true }, tftp: undefined },
    })
    expect(edited).not.toContain('tftp')
    expect(edited.startsWith('# Our site.\nhttp:\n')).toBe(true)
  })

  test('in a list keeps what is written beside the items that stay, wherever they are then', () => {
    const [first, second] = parse(FILE).dhcp.subnets
    const third = { subnet: '10.79.0.0/24' }
    const edited = editConfig(FILE, { 'dhcp.subnets': [third, { ...second, gateway: '10.78.0.254' }, first] })
    expect(parse(edited).dhcp.subnets).toEqual([third, { ...second, gateway: '10.78.0.254' }, first])
    for (const said of ['# the first floor', '# printers are below 100', '# the second floor', '# the old router'])
      expect(edited).toContain(said)
    expect(editConfig(FILE, { 'dhcp.subnets': [second] })).not.toContain('10.77')
    expect(parse(editConfig(FILE, { 'dhcp.subnets.1.gateway': '10.78.0.9' })).dhcp.subnets[1].gateway).toBe('10.78.0.9')
  })

  test('of no file at all makes one that says where its settings are explained', () => {
    const edited = editConfig('', { 'http.listen': ':8080' })
    expect(edited).toMatch(/^# .*SETTINGS\.md/)
    expect(parse(edited)).toEqual({ http: { listen: ':8080' } })
  })

  test('of a file that is no YAML is refused', () => {
    expect(() => editConfig('http: [', { 'log.level': 'info' })).toThrow()
  })

  test('says what was meant, whatever the values are', () => {
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.array(fc.string()),
      fc.array(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string())),
    )
    const paths = ['http.listen', 'http.url', 'dhcp.subnets', 'dns.enabled', 'tftp.enabled', 'webhooks', 'data']
    fc.assert(
      fc.property(fc.constantFrom(...paths), value, (path, wanted) => {
        const edited = editConfig(FILE, { [path]: wanted })
        const at = path.split('.').reduce((from, key) => from[key], parse(edited))
        expect(at).toEqual(wanted)
        expect(edited).toContain('# Our site.')
      }),
    )
  })
})
