/** The list of machines in a real browser: added, found, acted on one by one and many at once, by mouse and by keyboard. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { checkSight, logIn, type Sitting } from '../../support/browser.ts'
import { type Daemon, startDaemon, temporaryFolder } from '../../support/daemon.ts'

/** Power as a file for each machine: `on`, `off`, or `stuck`, which refuses all. */
const DRIVER = `#!/bin/sh
name=$(sed 's/.*"system":"\\([^"]*\\)".*/\\1/')
file="$(dirname "$0")/state/$name"
[ "$(cat "$file" 2>/dev/null)" = stuck ] && { echo "the outlet of $name is stuck" >&2; exit 1; }
case $1 in
  status) cat "$file" 2>/dev/null || echo off ;;
  *) echo "$1" > "$file" ;;
esac
`

let daemon: Daemon
let sitting: Sitting
let page: Page
let states: string

beforeAll(async () => {
  const folder = temporaryFolder()
  states = join(folder, 'state')
  mkdirSync(states)
  const program = join(folder, 'outlet')
  writeFileSync(program, DRIVER)
  chmodSync(program, 0o755)
  const drivers = [{ type: 'outlet', program, can: ['on', 'off', 'reboot', 'state'] }]
  daemon = await startDaemon({ config: { power: { poll_seconds: 1, drivers } } })
  for (const name of ['linux', 'initrd']) writeFileSync(join(folder, name), name)
  await api('POST', 'distros', { name: 'd', kernel: join(folder, 'linux'), initrd: join(folder, 'initrd') })
  for (const name of ['debian', 'ubuntu']) await api('POST', 'profiles', { name, distro: 'd' })
  for (let index = 1; index <= 12; index++) await addMachine(index)
  sitting = await logIn(daemon)
  page = sitting.page
})

async function addMachine(index: number): Promise<void> {
  const number = `${index}`.padStart(2, '0')
  await api('POST', 'systems', {
    ...{ name: `node${number}`, profile: index % 3 === 0 ? 'ubuntu' : 'debian', netbootEnabled: false },
    mgmtClasses: index % 2 === 0 ? ['foo-available', 'rack7'] : ['rack8'],
    interfaces: { eth0: { macAddress: `52:54:00:00:00:${number}`, ipAddress: `10.77.0.${index}` } },
    // The last two have nothing that turns them on.
    ...(index <= 10 && { power: { type: 'outlet', address: `outlet ${index}` } }),
    comment: index === 5 ? 'loud fan' : '',
  })
}

async function api(method: string, path: string, body: object): Promise<Response> {
  const answer = await fetch(`${daemon.url}/api/${path}`, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await daemon.token()}` },
    body: JSON.stringify(body),
  })
  expect(answer.status, await answer.clone().text()).toBeLessThan(300)
  return answer
}

const rowOf = (name: string) => page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) })
const names = () => page.getByRole('row').getByRole('link').allTextContents()
const search = () => page.getByRole('combobox', { name: 'Search machines' })
const said = (words: string | RegExp) => page.getByRole('status').filter({ hasText: words }).first()
const panel = (title: string) => page.getByRole('complementary', { name: title })

async function open(query = ''): Promise<void> {
  await page.goto(`/ui/machines${query}`)
  await page.getByRole('row').nth(1).waitFor()
}

describe('the list', () => {
  test('is found by words and keys, and a reload keeps what was found, sorted and shown', async () => {
    await open()
    await said('12 machines').waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('-profile:ubuntu class:foo-available')
    await said('4 of 12 match').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'MAC', exact: true }).click()
    await page.getByRole('button', { name: 'MAC', exact: true }).click()
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByRole('checkbox', { name: 'Arch' }).click()
    await page.keyboard.press('Escape')
    // In the order in which they were said.
    for (const words of [/[?&]q=-profile/, /[?&]sort=-mac/, /[?&]cols=[^&]*arch/]) {
      await expect.poll(() => page.url()).toMatch(words)
    }
    await page.reload()
    await said('4 of 12 match').waitFor()
    expect(await names()).toEqual(['node10', 'node08', 'node04', 'node02'])
    await page.getByRole('columnheader', { name: 'Arch' }).waitFor()
    await page.getByRole('button', { name: 'Clear the search' }).click()
    await said('12 machines').waitFor()
  })

  test('offers keys and values while one types, and says which keys there are not', async () => {
    await open()
    await search().pressSequentially('prof')
    await page.getByRole('option', { name: 'profile:' }).click()
    await page.getByRole('option', { name: 'profile:ubuntu' }).click()
    await said('4 of 12 match').waitFor()
    await search().fill('colour:red')
    await page.getByText('Machines have no "colour"').waitFor()
    await page.getByRole('button', { name: 'Show all 12' }).click()
    await page.getByLabel('Stage', { exact: true }).selectOption('available')
    await expect.poll(() => search().inputValue()).toBe('stage:available')
  })

  test('shows what others do, in the row', async () => {
    await open()
    await api('PATCH', 'systems/node03', { comment: 'seen by another' })
    await rowOf('node03').getByText('seen by another').waitFor()
    await api('POST', 'systems/node03/power', { action: 'on' })
    await rowOf('node03').locator('[data-power=on]').waitFor()
    await api('POST', 'systems/node03/power', { action: 'off' })
    await rowOf('node03').locator('[data-power=off]').waitFor()
  })

  test('keeps rows where they are while somebody is selected, and says how many changes wait', async () => {
    await open('?q=rack7&sort=comment')
    await rowOf('node02').getByRole('checkbox').check()
    await search().fill('rack')
    await said('1 selected').waitFor()
    const before = await names()
    await api('PATCH', 'systems/node12', { comment: 'aaa' })
    await rowOf('node12').getByText('aaa').waitFor()
    await page.getByRole('button', { name: '1 change waits: show' }).waitFor()
    expect(await names()).toEqual(before)
    await page.getByRole('button', { name: '1 change waits: show' }).click()
    await expect.poll(async () => (await names())[0]).toBe('node12')
    await search().fill('node05')
    await said('1 selected, all of them outside of this search').waitFor()
    await page.getByRole('button', { name: 'Select none' }).click()
    await api('PATCH', 'systems/node12', { comment: '' })
  })
})

describe('many at once', () => {
  test('are counted before, asked for, and come out one by one; a reload shows it still', async () => {
    await open('?sel=node01,node02,node03,node11')
    await said('4 selected').waitFor()
    await page.getByRole('button', { name: 'Power on …' }).click()
    const question = panel('Power on')
    await question.getByText('3 of 4 can be powered on').waitFor()
    await question.getByText('1 × it has no power type').waitFor()
    await question.getByText('orchestra bulk on node01 node02 node03').waitFor()
    await checkSight(page, 'bulk-question')
    await question.getByRole('button', { name: 'Power on: 3 machines' }).click()
    const result = panel('What came of it')
    await result.getByText('3 done').waitFor()
    for (const name of ['node01', 'node02', 'node03']) await rowOf(name).locator('[data-power=on]').waitFor()
    await page.reload()
    await panel('What came of it').getByText('3 done').waitFor()
    await panel('What came of it').getByText('node02 is on').waitFor()
  })

  test('are typed the number of before power is cut, and where it failed it is tried again', async () => {
    writeFileSync(join(states, 'node02'), 'stuck')
    await open('?sel=node01,node02,node03')
    await page.getByRole('button', { name: 'Power off …' }).click()
    const question = panel('Power off')
    const button = question.getByRole('button', { name: /^Power off: \d machines/ })
    await question.getByText('3 of 3 can be powered off').waitFor()
    expect(await button.isDisabled()).toBe(true)
    await question.getByLabel('Type 3 to go on').fill('3')
    await button.click()
    const result = panel('What came of it')
    await result.getByText('2 done, 1 failed').waitFor({ timeout: 60_000 })
    await result.getByText(/the outlet of node02 is stuck/).waitFor()
    await checkSight(page, 'bulk-result')
    writeFileSync(join(states, 'node02'), 'on')
    await result.getByRole('button', { name: 'Try the 1 that failed again' }).click()
    await result.getByText('1 done').waitFor({ timeout: 60_000 })
    await rowOf('node02').locator('[data-power=off]').waitFor()
    await result.getByRole('button', { name: 'Close the panel' }).click()
  })

  test('are all that match, wherever they are', async () => {
    await open('?q=class:rack7')
    await page.getByRole('button', { name: 'Select all 6' }).click()
    await said('6 selected').waitFor()
    await expect.poll(() => page.url()).toContain('sel=*')
    await page.getByRole('button', { name: 'Actions', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Set profile …' }).click()
    await panel('Set profile').getByLabel('Profile', { exact: true }).selectOption('ubuntu')
    await panel('Set profile').getByText('4 of 6 can get another profile').waitFor()
    await panel('Set profile').getByText('2 × its profile is ubuntu already').waitFor()
  })
})

describe('one machine', () => {
  test('is turned on by its switch at once, and asked about before it is turned off', async () => {
    await open()
    const toggle = rowOf('node06').getByRole('switch', { name: 'Power of node06' })
    await toggle.click()
    await rowOf('node06').locator('[data-power=on]').waitFor()
    await toggle.click()
    await panel('Power off').getByRole('button', { name: 'Power off: 1 machine' }).click()
    await panel('What came of it').getByText('1 done').waitFor()
    await rowOf('node06').locator('[data-power=off]').waitFor()
    await page.getByRole('button', { name: 'More of node06' }).click()
    await page.getByRole('menuitem', { name: 'Netboot on …' }).click()
    await panel('Netboot on').getByText('1 of 1 can have netboot turned on').waitFor()
  })

  test('is added with its power, which is tried and mended there', async () => {
    await open()
    writeFileSync(join(states, 'fresh'), 'stuck')
    await page.keyboard.press('n')
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'Name' }).fill('fresh')
    await dialog.getByLabel('MAC address').fill('52:54:00:00:00:01')
    await dialog.getByLabel('Profile').selectOption('debian')
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
    await dialog.getByText(/52:54:00:00:00:01.*node01/).waitFor()
    await dialog.getByLabel('MAC address').fill('52:54:00:00:00:99')
    await dialog.getByLabel('Type').fill('outlet')
    await dialog.getByLabel('Address', { exact: true }).fill('outlet 99')
    await checkSight(page, 'add-machine')
    await dialog.getByRole('button', { name: 'Add and test its power' }).click()
    await dialog.getByText('the outlet of fresh is stuck').waitFor()
    writeFileSync(join(states, 'fresh'), 'on')
    await dialog.getByRole('button', { name: 'Test power' }).click()
    await dialog.getByText('fresh is on').waitFor()
    await dialog.getByRole('button', { name: 'Done' }).click()
    await rowOf('fresh').locator('[data-power=on]').waitFor()
  })
})

describe('with the keyboard alone', () => {
  test('machines are walked through, selected, turned on and opened', async () => {
    await open()
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('k')
    const focused = () => page.evaluate('document.activeElement.textContent')
    // The first is "fresh".
    await expect.poll(focused).toBe('node01')
    await page.keyboard.press('x')
    await page.keyboard.press('j')
    await page.keyboard.press('x')
    await said('2 selected').waitFor()
    await page.keyboard.press('p')
    await panel('Power on').getByText('2 of 2 can be powered on').waitFor()
    await page.keyboard.press('Tab')
    for (let tabs = 0; tabs < 6 && (await focused()) !== 'Power on: 2 machines'; tabs++)
      await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await panel('What came of it').getByText('2 done').waitFor()
    await page.keyboard.press('Escape')
    await panel('What came of it').waitFor({ state: 'detached' })
    await page.keyboard.press('j')
    await expect.poll(focused).toBe('node03')
    await page.keyboard.press('e')
    await expect.poll(() => page.url()).toContain('/machines/node03?tab=explain')
  })
})

test('a viewer looks, and is told why he does not act', async () => {
  await api('POST', 'users', { name: 'vera', role: 'viewer', password: 'only-looks-1' })
  const other = await logIn(daemon, { user: 'vera', password: 'only-looks-1' })
  await other.page.goto('/ui/machines?sel=node01')
  await other.page.getByText('1 selected').waitFor()
  expect(await other.page.getByRole('button', { name: 'Power on …' }).isDisabled()).toBe(true)
  expect(await other.page.getByRole('switch', { name: 'Power of node01' }).isDisabled()).toBe(true)
  expect(other.complaints).toEqual([])
})

test('is fit to see, full and empty, and nothing went wrong meanwhile', async () => {
  await open('?sel=node01,node02')
  await checkSight(page, 'machines')
  await page.goto('/ui/machines?q=stage:broken')
  await page.getByText('No machine matches').waitFor()
  await checkSight(page, 'machines-none')
  expect(sitting.complaints).toEqual([])
})
