/** How smoothly a page scrolls: the wheel of a mouse through all of a list, and when each frame of it was drawn. */
import type { Page } from 'playwright-core'

export interface Scrolled {
  readonly frames: number
  readonly milliseconds: number
  /** Frames a second over all of it. */
  readonly rate: number
  /** Frames a second in the worst second. */
  readonly worstSecond: number
  /** Milliseconds between two frames: the longest, and the one that 99 of 100 do not pass. */
  readonly longest: number
  readonly p99: number
}

/** A turn of the wheel, and milliseconds from one to the next. */
const TURN = 600
const PACE = 16

/**
 * Scrolls what matches from its top to its end.
 * @param selector of what scrolls
 */
export async function scrollThrough(page: Page, selector: string): Promise<Scrolled> {
  const box = await page.locator(selector).boundingBox()
  if (!box) throw new Error(`${selector} is not to be seen`)
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await page.evaluate(`window.frameTimes = []; window.isScrolling = true;
    requestAnimationFrame(function note(at) { window.frameTimes.push(at); if (window.isScrolling) requestAnimationFrame(note) })`)
  const left = `(() => { const one = document.querySelector(${JSON.stringify(selector)}); return one.scrollHeight - one.clientHeight - one.scrollTop })()`
  const cdp = await page.context().newCDPSession(page)
  const where = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  const total = (await page.evaluate(left)) as number
  let next = performance.now()
  for (let turned = 0; turned < total + TURN; turned += TURN) {
    await cdp.send('Input.dispatchMouseEvent', { type: 'mouseWheel', ...where, deltaX: 0, deltaY: TURN })
    next += PACE
    const wait = next - performance.now()
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
  }
  await trueInPage(page, `${left} < 2`)
  const times = (await page.evaluate('window.isScrolling = false; window.frameTimes')) as number[]
  await cdp.detach()
  return judged(times)
}

/** Looks at each frame until the expression is true in the page; answers what it was. The page's own policy forbids waitForFunction. */
export async function trueInPage(page: Page, expression: string): Promise<unknown> {
  return await page.evaluate(`new Promise((found) => {
    const look = () => { const value = ${expression}; if (value) found(value); else requestAnimationFrame(look) }
    look()
  })`)
}

function judged(times: readonly number[]): Scrolled {
  const [first = 0, last = 0] = [times[0], times.at(-1)]
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at))
  const sorted = gaps.toSorted((one, other) => one - other)
  const seconds: number[] = []
  for (let from = first; from + 1_000 <= last; from += 250)
    seconds.push(times.filter((at) => at >= from && at < from + 1_000).length)
  return {
    ...{ frames: times.length, milliseconds: last - first, rate: (1_000 * (times.length - 1)) / (last - first) },
    ...{ worstSecond: Math.min(...seconds), longest: sorted.at(-1) ?? 0 },
    p99: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
  }
}
