/**
 * How quick the list of machines is with 10,000 of them, in Debian's Chromium without a screen, against a real daemon on the
 * same machine. Run by hand on a machine that does nothing else: `npm run bench:ui`, or `npm run bench:ui -- 2000`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { buildConsole } from '../../src/ui/build.ts'
import { type BareDaemon, startBareDaemon } from '../support/bare-daemon.ts'
import { furnishFleet } from '../support/big-fleet.ts'
import { needPackages } from '../support/debian.ts'
import { scrollThrough, trueInPage } from '../support/scrolling.ts'

const count = Number(process.argv[2] ?? 10_000)
/** What must hold: milliseconds, and frames a second. */
const TARGET = { usable: 1_000, rate: 50, event: 500 }
const ROUNDS = 10

interface Line {
  readonly label: string
  readonly value: number
  readonly unit: string
  readonly isGood?: boolean
}

await needPackages('chromium')
await buildConsole()
const data = mkdtempSync(join(tmpdir(), 'orchestra-bench-'))
await furnishFleet(data, count, 'manual')
const daemon = await startBareDaemon(data)
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
try {
  const page = await (
    await browser.newContext({ baseURL: daemon.url, viewport: { width: 1440, height: 900 } })
  ).newPage()
  await logIn(page, daemon)
  const lines = [...(await opened(page)), ...(await searched(page)), ...(await scrolled(page)), ...(await heard(page))]
  const [cpu] = cpus()
  process.stdout.write(`${count} machines, ${cpus().length} × ${cpu?.model.trim()}, Chromium ${browser.version()}\n\n`)
  for (const { label, value, unit, isGood } of lines) {
    const verdict = isGood === undefined ? '' : isGood ? 'good' : 'TOO SLOW'
    process.stdout.write(`${label.padEnd(58)}${value.toFixed(0).padStart(6)} ${unit.padEnd(5)}${verdict}\n`)
  }
  process.exitCode = lines.some(({ isGood }) => isGood === false) ? 1 : 0
} finally {
  await browser.close()
  await daemon.stop()
  rmSync(data, { recursive: true, force: true })
}

async function logIn(page: Page, { password }: BareDaemon): Promise<void> {
  await page.goto('/ui/')
  await page.getByLabel('User').fill('admin')
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
}

/** From the navigation on, by the page's own clock; the first time the daemon has no row ready. */
async function opened(page: Page): Promise<Line[]> {
  const times: number[] = []
  for (let round = 0; round < 4; round++) {
    await page.goto('/ui/machines', { waitUntil: 'commit' })
    times.push((await trueInPage(page, "document.querySelector('[data-uid]') && performance.now()")) as number)
    await page.getByText(`${count} machines`).waitFor()
  }
  const [first = 0, ...again] = times
  return [
    judge('page opened for the first time, until rows are there', first, 'ms', TARGET.usable),
    judge('opened again, the slowest of three', Math.max(...again), 'ms', TARGET.usable),
  ]
}

/** From a letter on until the list says what it found. */
async function searched(page: Page): Promise<Line[]> {
  const times: number[] = []
  const box = page.getByRole('combobox', { name: 'Search machines' })
  for (let round = 0; round < ROUNDS; round++) {
    await box.fill('')
    await page.getByText(`${count} machines`).waitFor()
    const took = page.evaluate(`new Promise((found) => {
      const bar = document.querySelector('.machine-bar')
      addEventListener('input', () => {
        const began = performance.now()
        new MutationObserver((_, watch) => {
          if (!/ match/.test(bar.textContent)) return
          watch.disconnect()
          requestAnimationFrame(() => found(performance.now() - began))
        }).observe(bar, { subtree: true, childList: true, characterData: true })
      }, { once: true, capture: true })
    })`)
    await box.pressSequentially(`${round % 10}7`)
    times.push((await took) as number)
  }
  await box.fill('')
  await box.blur()
  return [judge('search answers a letter, the slowest of ten', Math.max(...times), 'ms', TARGET.usable)]
}

async function scrolled(page: Page): Promise<Line[]> {
  const { rate, worstSecond, longest, p99, milliseconds } = await scrollThrough(page, '.machines')
  return [
    { label: 'scrolled by wheel from the first machine to the last', value: milliseconds / 1_000, unit: 's' },
    { label: 'frames a second over all of it', value: rate, unit: '', isGood: rate >= TARGET.rate },
    { label: 'in the worst second', value: worstSecond, unit: '', isGood: worstSecond >= TARGET.rate },
    { label: '99 of 100 frames come within', value: p99, unit: 'ms' },
    { label: 'the longest between two', value: longest, unit: 'ms' },
  ]
}

/** From the request of another client on until the row in sight says it. */
async function heard(page: Page): Promise<Line[]> {
  const name = (await page.locator('.machine-row .machine-name').last().textContent()) ?? ''
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${await tokenOf(daemon)}` }
  const send = (path: string, method: string, body: object) =>
    fetch(`${daemon.url}${path}`, { method, headers, body: JSON.stringify(body) })
  const times = { saved: [] as number[], power: [] as number[] }
  for (let round = 0; round < ROUNDS; round++) {
    const row = `[...document.querySelectorAll('.machine-row')].find((one) => one.textContent.includes(${JSON.stringify(name)}))`
    const until = async (shown: string, change: () => Promise<Response>) => {
      const began = performance.now()
      const [answer] = await Promise.all([change(), trueInPage(page, `${row}?.${shown}`)])
      if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
      return performance.now() - began
    }
    const comment = `round ${round} of ten`
    times.saved.push(
      await until(`textContent.includes('${comment}')`, () => send(`/api/systems/${name}`, 'PATCH', { comment })),
    )
    const state = round % 2 === 0 ? 'on' : 'off'
    times.power.push(
      await until(`querySelector('[data-power=${state}]')`, () =>
        send(`/api/systems/${name}/power/confirm`, 'POST', { state }),
      ),
    )
  }
  return [
    judge('a save of another client is in its row, the slowest of ten', Math.max(...times.saved), 'ms', TARGET.event),
    judge('a change of power is in its row, the slowest of ten', Math.max(...times.power), 'ms', TARGET.event),
  ]
}

async function tokenOf({ url, password }: BareDaemon): Promise<string> {
  const body = JSON.stringify({ user: 'admin', password })
  const answer = await fetch(`${url}/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  return ((await answer.json()) as { token: string }).token
}

function judge(label: string, value: number, unit: string, most: number): Line {
  return { label, value, unit, isGood: value <= most }
}
