/**
 * Ten thousand machines in a real browser: there soon, searched, scrolled from end to end, and told of changes. The bounds
 * are wide enough for a machine that does other things as well; how quick it is when it does not says `npm run bench:ui`.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { furnishFleet } from '../../support/big-fleet.ts'
import { logIn, type Sitting } from '../../support/browser.ts'
import { type Daemon, startDaemon, temporaryFolder } from '../../support/daemon.ts'
import { scrollThrough, trueInPage } from '../../support/scrolling.ts'

const COUNT = 10_000
let daemon: Daemon
let sitting: Sitting

beforeAll(async () => {
  const data = join(temporaryFolder(), 'data')
  mkdirSync(data, { mode: 0o700 })
  await furnishFleet(data, COUNT, 'manual')
  daemon = await startDaemon({ data, config: { power: { poll_seconds: 0 } } })
  sitting = await logIn(daemon)
})

async function send(method: string, path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${await daemon.token()}` }
  const answer = await fetch(`${daemon.url}/api/${path}`, { method, headers, body: JSON.stringify(body) })
  expect(answer.status, await answer.clone().text()).toBeLessThan(300)
}

test('they are there soon, and only those in sight are in the document', async () => {
  const { page } = sitting
  await page.goto('/ui/machines', { waitUntil: 'commit' })
  const opened = (await trueInPage(page, "document.querySelector('[data-uid]') && performance.now()")) as number
  expect(opened).toBeLessThan(5_000)
  await page.getByRole('status').filter({ hasText: '10000 machines' }).waitFor()
  expect(await page.getByRole('table', { name: 'Machines' }).getAttribute('aria-rowcount')).toBe('10001')
  expect(await page.getByRole('row').count()).toBeLessThan(80)
})

test('one of them is found, and so are all of a rack, selected with a click', async () => {
  const { page } = sitting
  const search = page.getByRole('combobox', { name: 'Search machines' })
  await search.fill('node007777')
  await page.getByRole('status').filter({ hasText: '1 of 10000 match' }).waitFor()
  await search.fill('class:rack17 -name:node000017')
  await page.getByRole('button', { name: 'Select all 24' }).click()
  await search.fill('')
  await page.getByRole('status').filter({ hasText: '24 selected' }).waitFor()
  await page.getByRole('button', { name: 'Select none' }).click()
})

test('the wheel goes through all of them, smoothly, and the last is the last', async () => {
  const { page } = sitting
  const { rate, longest } = await scrollThrough(page, '.machines')
  expect(rate).toBeGreaterThan(20)
  expect(longest).toBeLessThan(2_000)
  expect(await page.getByRole('row').last().getByRole('link').textContent()).toBe('node009999')
})

test('a change is in its row soon, and no row moves', async () => {
  const { page } = sitting
  const row = page.getByRole('row').filter({ hasText: 'node009999' })
  const began = performance.now()
  await send('PATCH', 'systems/node009999', { comment: 'changed elsewhere' })
  await row.getByText('changed elsewhere').waitFor()
  await send('POST', 'systems/node009999/power/confirm', { state: 'on' })
  await row.locator('[data-power=on]').waitFor()
  expect(performance.now() - began).toBeLessThan(5_000)
  expect(await page.getByRole('row').last().getByRole('link').textContent()).toBe('node009999')
})

test('what is seen in the row stays where the focus is, however far one scrolls', async () => {
  const { page } = sitting
  await page.getByRole('row').last().getByRole('link').focus()
  await page.evaluate("document.querySelector('.machines').scrollTop = 0")
  await page.getByRole('row').filter({ hasText: 'node000000' }).waitFor()
  await page.keyboard.press('k')
  await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('node009998')
  expect(sitting.complaints).toEqual([])
})
