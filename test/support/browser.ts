/**
 * The console in Debian's Chromium: a browser for a test file, pages that tell what went wrong in them, the person's way
 * through the login, and pictures of what people see, kept below .artifacts/ for whoever wants to look.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { AxeResults } from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, expect } from 'vitest'
import { buildConsole } from '../../src/ui/build.ts'
import { type Daemon, temporaryFolder } from './daemon.ts'
import { needPackages } from './debian.ts'
import type { Namespace } from './namespace.ts'
import { ROOT } from './source.ts'

/** A browser that looks nothing up by itself. */
const ARGUMENTS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
]

const PICTURES = join(ROOT, '.artifacts/screens')
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const DESK = { width: 1280, height: 800 }
const PHONE = { width: 390, height: 844 }

let browser: Browser | undefined

afterAll(async () => {
  await browser?.close()
})

/**
 * Builds the console if it is older than its sources, and starts the browser once for a test file; in a namespace when the
 * daemon is in one.
 */
export async function openBrowser(namespace?: Namespace): Promise<Browser> {
  await needPackages('chromium')
  await buildConsole()
  const executablePath = namespace ? await chromiumIn(namespace) : '/usr/bin/chromium'
  browser ??= await chromium.launch({ executablePath, args: ARGUMENTS })
  return browser
}

/**
 * Chromium gives up what it is loading when an address comes (ERR_NETWORK_CHANGED), and those of IPv6 come a second or two after
 * their link: there are none where it runs.
 */
async function chromiumIn(namespace: Namespace): Promise<string> {
  for (const which of ['all', 'default'])
    await namespace.exec('sh', ['-c', `echo 1 >/proc/sys/net/ipv6/conf/${which}/disable_ipv6`])
  const [program, args] = namespace.command('/usr/bin/chromium', [])
  const path = join(temporaryFolder(), 'chromium')
  writeFileSync(path, `#!/bin/sh\nexec ${program} ${args.join(' ')} "$@"\n`, { mode: 0o755 })
  return path
}

export interface Sitting {
  readonly page: Page
  /** What the page complained of so far: exceptions, errors in its console (what its policy refused, too), failed requests. */
  readonly complaints: readonly string[]
}

export interface SittingOptions extends BrowserContextOptions {
  /** Where the daemon is to be reached. */
  readonly namespace?: Namespace
}

/** A person without a history, at the page that says the login. */
export async function sitDown(
  daemon: Pick<Daemon, 'url'>,
  { namespace, ...options }: SittingOptions = {},
): Promise<Sitting> {
  const context = await (await openBrowser(namespace)).newContext({
    viewport: DESK,
    baseURL: daemon.url,
    ...options,
  })
  context.setDefaultTimeout(60_000)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`))
  page.on('console', (message) => {
    // A refusal of the API is told to the person; the browser tells it here as well.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text())
  })
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? ''
    if (why !== 'net::ERR_ABORTED') complaints.push(`${request.url()}: ${why}`)
  })
  await page.goto('/ui/')
  return { page, complaints }
}

/** Sits down and logs in as a person does; the page is the overview then. */
export async function logIn(
  daemon: Pick<Daemon, 'url' | 'password'>,
  {
    user = 'admin',
    password = daemon.password,
    ...options
  }: { user?: string; password?: string } & SittingOptions = {},
): Promise<Sitting> {
  const sitting = await sitDown(daemon, options)
  await sitting.page.getByLabel('User').fill(user)
  await sitting.page.getByLabel('Password', { exact: true }).fill(password)
  await sitting.page.getByRole('button', { name: 'Log in' }).click()
  await sitting.page.getByRole('status', { name: /^Live/ }).waitFor()
  return sitting
}

/** What axe finds serious or critical (WCAG 2 A and AA), one line each; empty: nothing. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // Above the page's own policy, as a browser's extension is.
  await page.evaluate(AXE)
  const found = (await page.evaluate(
    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations'] })",
  )) as AxeResults
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, help, nodes }) =>
        `${id}: ${help}: ${nodes.map((node) => `${node.html.slice(0, 200)} (${node.any[0]?.message ?? ''})`).join(' | ')}`,
    )
}

/** Pictures of a page as it stands, in both color schemes: `overview-light.png`, `overview-dark.png`. */
export async function takePictures(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true })
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const path = join(PICTURES, `${name}-${colorScheme}.png`)
    rmSync(path, { force: true })
    await page.screenshot({ path })
  }
}

/** What must hold of every page: nothing serious for axe in either color scheme, no sideways scrolling on a phone; with pictures. */
export async function checkSight(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    expect(await seriousFindings(page), `${name}, ${colorScheme}`).toEqual([])
  }
  await takePictures(page, name)
  await page.setViewportSize(PHONE)
  const width = () => page.evaluate('document.documentElement.scrollWidth')
  await expect.poll(width, { message: `${name} on a phone`, timeout: 10_000 }).toBeLessThanOrEqual(PHONE.width)
  await takePictures(page, `${name}-phone`)
  await page.setViewportSize(DESK)
}
