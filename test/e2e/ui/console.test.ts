/** A person at the console of a lab's machine, in the browser: types into its shell, sees the answer, and looks at its screen. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Door, openDoor } from '../../../devenv/expose.ts'
import { type Lab, startLab } from '../../../devenv/lab-run.ts'
import { LAB_USER } from '../../../devenv/nodes.ts'
import { logIn, seriousFindings, takePictures } from '../../support/browser.ts'

const MINUTES = 60_000
let lab: Lab
let door: Door
beforeAll(async () => {
  lab = await startLab({ nodes: ['node01'] })
  // Browsers open no unix sockets.
  door = await openDoor(lab.gateway, 0)
}, 5 * MINUTES)
afterAll(async () => {
  door?.close()
  await lab?.stop()
})

test('the serial console is typed into, and the screen is seen', { timeout: 10 * MINUTES }, async () => {
  const node = lab.node('node01')
  const begin = node.now()
  await node.power('on')
  const { page, complaints } = await logIn({ url: door.url, password: lab.password }, { user: LAB_USER })
  await page.goto('/ui/machines/node01?tab=console')
  const state = page.getByRole('status', { name: 'State of the console' })
  await state.getByText('connected to the serial console of node01').waitFor()
  await node.until('ready', begin)
  await node.says('orchestra-mini: up', begin)

  const rows = page.locator('.xterm-rows')
  await page.locator('.serial-view').click()
  await page.keyboard.type('echo $((6 * 7)) is the answer')
  await page.keyboard.press('Enter')
  await rows.getByText('42 is the answer').waitFor()
  // Colors of 24 bits are written into attributes, which the page's policy refuses.
  await page.keyboard.type("printf '\\033[38;2;1;200;3mgreen\\033[m\\n'")
  await page.keyboard.press('Enter')
  await rows.getByText('green', { exact: true }).waitFor()
  const spans = "[...document.querySelectorAll('.xterm-rows span')]"
  const color = `getComputedStyle(${spans}.find(({ textContent }) => textContent === 'green')).color`
  expect(await page.evaluate(color)).toBe('rgb(1, 200, 3)')
  await takePictures(page, 'console-serial')
  expect(await seriousFindings(page)).toEqual([])

  // Keys go to the machine, and this one leads out.
  await page.keyboard.press('Shift+Escape')
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Reconnect')
  await page.keyboard.press('Enter')
  await state.getByText('connected to the serial console of node01').waitFor()
  // What was said before is shown again.
  await rows.getByText('42 is the answer').waitFor()
  await page.getByRole('switch', { name: 'Only read' }).click()
  await page.getByRole('button', { name: 'Send break' }).and(page.locator(':disabled')).waitFor()

  await page.getByText('Screen', { exact: true }).click()
  await page
    .getByRole('status', { name: 'State of the screen' })
    .getByText('connected to the screen of node01')
    .waitFor()
  const canvas = "document.querySelector('.screen-view canvas')"
  expect(await page.evaluate(`${canvas}.width > 100 && ${canvas}.height > 100`)).toBe(true)
  await takePictures(page, 'console-screen')
  expect(await seriousFindings(page)).toEqual([])
  expect(complaints).toEqual([])
})
