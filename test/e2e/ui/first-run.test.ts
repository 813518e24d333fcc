/**
 * The first run of a daemon that serves nothing, by clicks alone: a network, a distribution that is uploaded, a machine; and a
 * real DHCP client that gets an address when it is done.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exec } from '../../../src/lib/exec.ts'
import { checkSight, logIn, type Sitting } from '../../support/browser.ts'
import { type Daemon, startDaemon } from '../../support/daemon.ts'
import { needPackages } from '../../support/debian.ts'
import { type ClientMachine, clientMachine } from '../../support/dhcp-clients.ts'
import { makeNamespace } from '../../support/namespace.ts'

const MAC = '52:54:00:77:00:31'
const folder = mkdtempSync(join(tmpdir(), 'orchestra-test-'))
let daemon: Daemon
let client: ClientMachine
let sitting: Sitting
beforeAll(async () => {
  await needPackages('iproute2', 'busybox')
  const server = await makeNamespace()
  await server.bridge('br0', '10.77.0.1/24')
  client = await clientMachine(server, 'br0', MAC)
  daemon = await startDaemon({ namespace: server, config: 'none' })
  sitting = await logIn(daemon, { namespace: server })
})
afterAll(() => rmSync(folder, { recursive: true }))

test('a network is chosen after a look for others, and served at once', async () => {
  const { page } = sitting
  await page.getByRole('link', { name: 'First steps' }).first().click()
  await page.getByLabel('Interface').selectOption('br0')
  expect(await page.getByLabel('Pool').inputValue()).toBe('10.77.0.128-10.77.0.254')
  await page.getByRole('button', { name: 'Look for other DHCP servers' }).click()
  await page.getByText('Nobody else answers on br0').waitFor()
  await checkSight(page, 'setup')
  await page.getByRole('button', { name: 'Serve br0' }).click()
  await page.getByRole('button', { name: 'Import a distribution' }).waitFor()
  const [told] = (await client.udhcpc()).filter(({ event }) => event === 'bound')
  expect(told?.['ip']).toMatch(/^10\.77\.0\.(12[89]|1[3-9]\d|2\d\d)$/)
})

test('leases are seen as they come, and what else there is of the networks', async () => {
  const { page } = sitting
  await page.getByRole('link', { name: 'Networks' }).click()
  await page.getByText('serves these subnets').waitFor()
  await page.getByText(/^1 of 127 addresses in use/).waitFor()
  await checkSight(page, 'networks')
  await page.getByRole('tab', { name: 'Leases' }).click()
  await page.getByRole('cell', { name: new RegExp(MAC) }).waitFor()
  await checkSight(page, 'networks-leases')
  await page.getByRole('tab', { name: 'Interfaces' }).click()
  await page.getByRole('row', { name: /br0.*DHCP serves here/ }).waitFor()
  await checkSight(page, 'networks-interfaces')
})

test('a distribution is uploaded to the store, and imported from there while one watches', async () => {
  const { page } = sitting
  const tree = join(folder, 'tree/debian-installer/amd64')
  await exec('mkdir', ['-p', tree])
  for (const name of ['linux', 'initrd.gz']) writeFileSync(join(tree, name), name.repeat(100_000))
  await exec('tar', ['-czf', join(folder, 'netboot.tar.gz'), '-C', join(folder, 'tree'), '.'])
  await page.getByRole('link', { name: 'Store' }).click()
  await page.getByRole('link', { name: 'formulas' }).waitFor()
  await page.getByRole('button', { name: 'New folder' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('isos')
  await page.getByRole('dialog').getByRole('button', { name: 'New folder' }).click()
  await page.getByRole('link', { name: 'isos' }).click()
  await page.locator('input[type=file]').setInputFiles(join(folder, 'netboot.tar.gz'))
  await page.getByRole('link', { name: 'netboot.tar.gz' }).waitFor()
  await checkSight(page, 'store')

  await page.getByRole('link', { name: 'First steps' }).first().click()
  await page.getByRole('button', { name: 'Import a distribution' }).click()
  const dialog = page.getByRole('dialog', { name: 'Import a distribution' })
  await dialog.getByLabel('Name').fill('debian-13')
  await dialog.getByLabel('Where it is').fill('store:isos/netboot.tar.gz')
  await dialog.getByRole('button', { name: 'Import' }).click()
  await dialog.getByText(/copying them to images\/debian-13/).waitFor()
  await dialog.getByRole('link', { name: 'Open the profile' }).waitFor()
  await checkSight(page, 'import')
  await dialog.getByRole('button', { name: 'Close' }).last().click()
})

test('the first machine is added, and then all is there', async () => {
  const { page } = sitting
  await page.getByRole('button', { name: 'Add a machine' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('node01')
  await dialog.getByLabel('MAC').fill(MAC)
  await dialog.getByRole('button', { name: /^Add/ }).click()
  await page.getByRole('dialog', { name: 'node01 is added' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByText('All is there').waitFor()
  await checkSight(page, 'setup-done')
})

test('jobs are at the foot of every page, and on one of their own, with what they said', async () => {
  const { page } = sitting
  await page.getByRole('button', { name: /No job under way; the last one: import of debian-13, done/ }).click()
  await page
    .getByRole('region', { name: 'Jobs' })
    .getByRole('button', { name: 'import of debian-13', exact: true })
    .click()
  await page
    .getByLabel('Output of import of debian-13')
    .getByText(/found linux and initrd/)
    .waitFor()
  await checkSight(page, 'jobs-strip')
  await page.getByRole('link', { name: 'All jobs' }).click()
  await page.getByRole('heading', { name: 'Jobs' }).waitFor()
  await page
    .getByRole('button', { name: /import of debian-13/ })
    .last()
    .waitFor()
  await checkSight(page, 'jobs')
})

test('nothing went wrong in the page meanwhile', () => {
  // The daemon was away for a second when it started anew.
  expect(
    sitting.complaints.filter((line) => !/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE|ERR_EMPTY_RESPONSE/.test(line)),
  ).toEqual([])
})
