/** The storm: light machines on real packets against the daemon of this checkout, and against one that cannot serve them. */
import { beforeAll, expect, test } from 'vitest'
import { type DevenvHost, makeDevenvHost } from '../support/devenv.ts'

const MINUTES = 60_000
let host: DevenvHost
beforeAll(async () => {
  host = await makeDevenvHost()
}, 10 * MINUTES)

test('fifty machines that are turned on within two seconds all boot, and nothing is left of them', {
  timeout: 3 * MINUTES,
}, async () => {
  const before = await host.look()
  const said = await host.devenv('storm', '--nodes', '50', '--seconds', '2')
  for (const phase of ['address by DHCP', 'loader by TFTP', 'boot script', "kernel's first MB"])
    expect(said).toMatch(new RegExp(`^${phase} +█{40} +50 +half within \\d`, 'm'))
  expect(said).toMatch(/^all of them boot$/m)
  expect(said).toMatch(/^the daemon has [1-9]\d* MB in memory$/m)
  expect(await host.look()).toEqual(before)
})

test('what is no number is told', async () => {
  await expect(host.devenv('storm', '--nodes', 'many')).rejects.toThrow('--nodes is a number from 1 to 16000')
})
