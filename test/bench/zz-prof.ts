import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { startBareDaemon } from '../support/bare-daemon.ts'
import { furnishFleet } from '../support/big-fleet.ts'
import { scrollThrough, trueInPage } from '../support/scrolling.ts'

const data = mkdtempSync('/tmp/orch-prof-')
await furnishFleet(data, 10000, 'manual')
const daemon = await startBareDaemon(data)
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
try {
  const page = await (
    await browser.newContext({ baseURL: daemon.url, viewport: { width: 1440, height: 900 } })
  ).newPage()
  await page.goto('/ui/')
  await page.getByLabel('User').fill('admin')
  await page.getByLabel('Password', { exact: true }).fill(daemon.password)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  const cdp = await page.context().newCDPSession(page)
  for (let i = 0; i < 3; i++) {
    if (i === 2) {
      await cdp.send('Profiler.enable')
      await cdp.send('Profiler.setSamplingInterval', { interval: 200 })
      await cdp.send('Profiler.start')
    }
    await page.goto('/ui/machines', { waitUntil: 'commit' })
    const at = await trueInPage(page, "document.querySelector('[data-uid]') && performance.now()")
    const res = await page.evaluate(
      "performance.getEntriesByType('resource').map(r => [r.name.replace(/.*\\//,''), Math.round(r.startTime), Math.round(r.requestStart), Math.round(r.responseStart), Math.round(r.responseEnd), r.encodedBodySize])",
    )
    console.log(i, at, (res as any[]).map((r) => r.join(' ')).join('\n  '))
  }
  const { profile } = (await cdp.send('Profiler.stop')) as any
  sum('open', profile)
  await page.getByText('10000 machines').waitFor()
  await cdp.send('Profiler.disable')
  const variants: Record<string,string> = JSON.parse(process.argv[2] ?? '{}')
  for (const [name, css] of Object.entries({ base: '', ...variants, base2: '' })) {
  await page.evaluate(`(() => { const s = new CSSStyleSheet(); s.replaceSync(${JSON.stringify(css)}); document.adoptedStyleSheets = [s]; document.querySelector('.machines').scrollTop = 0 })()`)
  await browser.startTracing(page, { categories: ['devtools.timeline','disabled-by-default-devtools.timeline','cc','toplevel'] })
  const s = await scrollThrough(page, '.machines')
  const evs = JSON.parse((await browser.stopTracing()).toString()).traceEvents as any[]
  const names = new Map<string,string>(); for (const e of evs) if (e.name === 'thread_name') names.set(e.pid+':'+e.tid, e.args.name)
  const tot = new Map<string, number>()
  for (const e of evs) if (e.ph === 'X') { const k = (names.get(e.pid+':'+e.tid) ?? '?') + ' ' + e.name; tot.set(k, (tot.get(k) ?? 0) + (e.tdur ?? 0) / 1000) }
  console.log(name.padEnd(14), 'rate', s.rate.toFixed(1), 'worst', s.worstSecond, 'p99', s.p99.toFixed(0), ['ProxyMain::BeginMainFrame','Paint','Layout','UpdateLayoutTree','PrePaint','Layerize','Commit','EventDispatch','FunctionCall'].map((n) => n.replace('ProxyMain::','') + ' ' + (tot.get('CrRendererMain ' + n) ?? 0).toFixed(0)).join(', '), 'raster', tot.get('ThreadPoolForegroundWorker RasterTask')?.toFixed(0))
  }
} finally {
  await browser.close()
  await daemon.stop()
  rmSync(data, { recursive: true, force: true })
}
function sum(name: string, profile: any) {
  const self = new Map<string, number>()
  const nodes = new Map(profile.nodes.map((n: any) => [n.id, n]))
  for (const [i, id] of profile.samples.entries()) {
    const n: any = nodes.get(id)
    const k = `${n.callFrame.functionName || '(anon)'} ${n.callFrame.url.replace(/.*\//, '')}:${n.callFrame.lineNumber}:${n.callFrame.columnNumber}`
    self.set(k, (self.get(k) ?? 0) + profile.timeDeltas[i])
  }
  console.log(name, 'total ms', (profile.endTime - profile.startTime) / 1000)
  for (const [k, v] of [...self].sort((a, b) => b[1] - a[1]).slice(0, 22))
    console.log(`  ${(v / 1000).toFixed(1)} ${k}`)
}
