/** The configuration: one schema over file and environment, all faults at once. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type Environment, loadConfig } from '../src/config.ts'

const folder = mkdtempSync(join(tmpdir(), 'orchestra-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

function load(yaml: string, env: Environment = {}) {
  const file = join(folder, 'orchestra.yaml')
  writeFileSync(file, yaml)
  return loadConfig(file, env)
}
function settings(yaml: string, env: Environment = {}) {
  const loaded = load(yaml, env)
  if (!loaded.ok) throw new Error(loaded.faults.join('\n'))
  return loaded.settings
}
function faults(yaml: string, env: Environment = {}) {
  const loaded = load(yaml, env)
  return loaded.ok ? [] : loaded.faults
}

describe('the environment', () => {
  test('overrides the file by one rule, in texts, numbers, lists and lists of settings', () => {
    const found = settings('http: {listen: "127.0.0.1:1"}\nadmin: {user: boss}', {
      ORCHESTRA_HTTP__LISTEN: '127.0.0.1:8080',
      ORCHESTRA_ADMIN__PASSWORD: '0123',
      ORCHESTRA_TFTP__ENABLED: 'no',
      ORCHESTRA_DHCP__INTERFACES: 'br0, eth1',
      ORCHESTRA_DHCP__SUBNETS: '[{subnet: 10.77.0.0/24, pool: 10.77.0.100-10.77.0.250, lease_seconds: 600}]',
      ORCHESTRA_DHCP__SUBNETS__0__GATEWAY: '10.77.0.1',
      PATH: '/bin',
    })
    expect(found.http.listen).toEqual({ address: '127.0.0.1', port: 8080 })
    expect(found.admin).toEqual({ user: 'boss', password: '0123' })
    expect(found.tftp.enabled).toBe(false)
    expect(found.dhcp.interfaces).toEqual(['br0', 'eth1'])
    expect(found.dhcp.subnets[0]).toMatchObject({
      subnet: { network: '10.77.0.0', prefix: 24 },
      pools: [{ first: '10.77.0.100', last: '10.77.0.250' }],
      gateway: '10.77.0.1',
      leaseSeconds: 600,
    })
  })

  test('with a name that no setting has is a fault, but for those of the command line', () => {
    expect(faults('', { ORCHESTRA_HTTP__LISTNE: 'x', ORCHESTRA_TOKEN: 'x' })).toEqual([
      'ORCHESTRA_HTTP__LISTNE: there is no setting http.listne',
    ])
  })
})

test('all faults are told at once, each with its path', () => {
  const told = faults(`
http: {listen: "nowhere", port: 80}
tftp: {enabled: maybe}
dhcp:
  subnets:
    - {subnet: 10.77.0.1/24}
    - {subnet: 10.78.0.0/24, pool: 10.78.0.9-10.78.0.5, gateway: 10.79.0.1}
colour: blue
`)
  for (const path of [
    'http.listen',
    'http.port',
    'tftp.enabled',
    'dhcp.subnets.0.subnet',
    'dhcp.subnets.1.pool',
    'colour',
  ]) {
    expect(
      told.filter((fault) => fault.startsWith(`${path}:`)),
      path,
    ).toHaveLength(1)
  }
})

test.each([
  [
    'a file that is not there',
    () => loadConfig(join(folder, 'none.yaml'), {}),
    /none\.yaml: cannot be read \(ENOENT\)/,
  ],
  ['a file that is no YAML', () => load('http: [}'), /orchestra\.yaml: /],
  ['a file that holds a list', () => load('- a'), /must hold settings/],
  [
    'a gateway outside its subnet',
    () => load('dhcp: {subnets: [{subnet: 10.1.0.0/24, gateway: 10.2.0.1}]}'),
    /10\.2\.0\.1 is not in the subnet/,
  ],
  ['an empty admin password', () => load('admin: {password: ""}'), /admin\.password: an empty password/],
  ['a url with a path', () => load('http: {url: "http://x/y"}'), /http\.url: .* is no base URL/],
])('%s is one clear fault', (_, act, wanted) => {
  const loaded = act()
  expect(loaded.ok ? [] : loaded.faults).toEqual([expect.stringMatching(wanted)])
})

test('what was loaded cannot be changed', () => {
  expect(() => Object.assign(settings('').http, { listen: 'x' })).toThrow(TypeError)
})
