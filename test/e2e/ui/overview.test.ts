/** The overview and the wall of live boots: what waits for a person, with machines that a client plays over TFTP and HTTP. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { checkSight, logIn, type Sitting } from '../../support/browser.ts'
import { type Daemon, startDaemon, temporaryFolder } from '../../support/daemon.ts'

let daemon: Daemon
let sitting: Sitting

beforeAll(async () => {
  daemon = await startDaemon({ config: { boot: { enlist_profile: 'p' } } })
  sitting = await logIn(daemon)
})

async function api(method: string, path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${await daemon.token()}` }
  const answer = await fetch(`${daemon.url}/api/${path}`, { method, headers, body: JSON.stringify(body) })
  expect(answer.status, await answer.clone().text()).toBeLessThan(300)
}

/** As the machine's loader does: its boot config, by its MAC. */
const asksForConfig = (mac: string) => fetch(`${daemon.url}/boot/ipxe/${mac.replaceAll(':', '-')}`)
const section = (name: string) => sitting.page.getByRole('region', { name })

test('where nothing is yet, it says how to begin', async () => {
  const { page } = sitting
  await page.getByText('Welcome: there is no machine yet').waitFor()
  expect(await page.getByRole('link', { name: 'Set Orchestra up' }).getAttribute('href')).toBe('/ui/setup')
  await section('Needs attention').getByText('Nothing waits for you').waitFor()
  await checkSight(page, 'overview-empty')
})

test('an unknown machine that asks for something is enrolled with one click', async () => {
  const { page } = sitting
  const folder = temporaryFolder()
  for (const name of ['linux', 'initrd']) writeFileSync(join(folder, name), name)
  await api('POST', 'distros', { name: 'd', kernel: join(folder, 'linux'), initrd: join(folder, 'initrd') })
  await api('POST', 'profiles', { name: 'p', distro: 'd' })
  await asksForConfig('52:54:00:aa:bb:01')
  await section('Needs attention').getByText('52:54:00:aa:bb:01').waitFor()
  await section('Needs attention').getByRole('button', { name: 'Enrol 52:54:00:aa:bb:01', exact: true }).click()
  await section('Needs attention').getByText('52:54:00:aa:bb:01').waitFor({ state: 'detached' })
  await page
    .getByRole('navigation', { name: 'Machines by state' })
    .getByRole('link', { name: /^1\s*machines/ })
    .waitFor()
})

test('one that it cannot enrol by itself is asked about', async () => {
  const { page } = sitting
  await api('POST', 'profiles', { name: 'q', distro: 'd' })
  await asksForConfig('52:54:00:aa:bb:02')
  await section('Needs attention').getByRole('button', { name: 'Enrol 52:54:00:aa:bb:02', exact: true }).click()
  const dialog = page.getByRole('dialog')
  expect(await dialog.getByLabel('MAC address').inputValue()).toBe('52:54:00:aa:bb:02')
  await dialog.getByRole('textbox', { name: 'Name' }).fill('second')
  await dialog.getByLabel('Profile').selectOption('q')
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  await dialog.getByText('second is added').waitFor()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await section('Needs attention').getByText('52:54:00:aa:bb:02').waitFor({ state: 'detached' })
})

test('a boot shows its lanes as it goes on, and what happened is told', async () => {
  const { page } = sitting
  await asksForConfig('52:54:00:aa:bb:02')
  expect((await fetch(`${daemon.url}/cblr/svc/op/autoinstall/system/second`)).status).toBe(200)
  const boot = section('Live boots').getByRole('article', { name: 'Boot of second' })
  await boot.waitFor()
  await boot.locator('[aria-current=step]').getByText('preseed').waitFor()
  await fetch(`${daemon.url}/cblr/svc/op/progress/system/second?step=partitioning&message=one%20disk`)
  await boot.locator('[aria-current=step]').getByText('installing').waitFor()
  await section('Last events')
    .getByText(/config: /)
    .first()
    .waitFor()
  await checkSight(page, 'overview')
  await page.goto('/ui/boots?q=second')
  await page.getByRole('article', { name: 'Boot of second' }).waitFor()
  await checkSight(page, 'boots')
  await page.getByText('Stalled', { exact: true }).click()
  await page.getByText('No boot of that kind').waitFor()
  await page.reload()
  await page.getByText('No boot of that kind').waitFor()
})

test('a machine that broke is said to be mended, and counts lead to the machines they count', async () => {
  const { page } = sitting
  await page.goto('/ui/')
  await fetch(`${daemon.url}/cblr/svc/op/progress/system/second?step=failed&message=no%20disk`)
  const broken = section('Needs attention').getByRole('listitem').filter({ hasText: 'second' })
  await broken.getByText(/no disk/).waitFor()
  await checkSight(page, 'overview-attention')
  await page
    .getByRole('navigation', { name: 'Machines by state' })
    .getByRole('link', { name: /^1\s*broken/ })
    .click()
  await page.getByRole('status').filter({ hasText: '1 of 2 match' }).waitFor()
  await page.goBack()
  await broken.getByRole('button', { name: 'Mark as mended' }).click()
  await page.getByRole('dialog').getByText('orchestra repair second').waitFor()
  await page.getByRole('button', { name: 'second is mended' }).click()
  await broken.waitFor({ state: 'detached' })
  expect(sitting.complaints).toEqual([])
})
