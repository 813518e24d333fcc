/**
 * The lab's machines, with real firmware, in the hands of a person with a browser: one is enrolled, all three are turned on at
 * once, an install is watched until it is ready, the serial console is typed into and the screen is looked at, and what it would
 * boot next is explained.
 */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Door, openDoor } from '../../../devenv/expose.ts'
import { type Lab, startLab } from '../../../devenv/lab-run.ts'
import { LAB_USER } from '../../../devenv/nodes.ts'
import { profileOf } from '../../../devenv/profiles.ts'
import { logIn, type Sitting, seriousFindings, takePictures } from '../../support/browser.ts'

const MINUTES = 60_000
let lab: Lab
let door: Door
let sitting: Sitting
beforeAll(async () => {
  lab = await startLab()
  // Browsers open no unix sockets.
  door = await openDoor(lab.gateway, 0)
  sitting = await logIn({ url: door.url, password: lab.password }, { user: LAB_USER })
}, 5 * MINUTES)
afterAll(async () => {
  door?.close()
  await lab?.stop()
})

/** When all three were turned on. */
let begin: ReturnType<ReturnType<Lab['node']>['now']>

test('a machine is enrolled with its power, which answers', async () => {
  const { page } = sitting
  await lab.api.call('DELETE', '/api/systems/node03')
  await page.goto('/ui/machines')
  await page.getByRole('row').nth(1).waitFor()
  await page.keyboard.press('n')
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: 'Name' }).fill('node03')
  await dialog.getByLabel('MAC address').fill('00:16:3e:3e:aa:03')
  await dialog.getByLabel('Profile').selectOption(profileOf('mini'))
  await dialog.getByLabel('Type').fill('lab')
  await dialog.getByLabel('Address', { exact: true }).fill(`unix:${join(lab.folder, 'control.sock')}`)
  await dialog.getByLabel('Id').fill('node03')
  await dialog.getByRole('button', { name: 'Add and test its power' }).click()
  await dialog.getByText('node03 is off').waitFor()
  await dialog.getByRole('button', { name: 'Done' }).click()
})

test('three machines are turned on at once, counted before and seen to be on', { timeout: 2 * MINUTES }, async () => {
  const { page } = sitting
  await page.goto('/ui/machines?sel=node01,node02,node03')
  begin = lab.node('node01').now()
  await page.getByRole('button', { name: 'Power on …' }).click()
  const question = page.getByRole('complementary', { name: 'Power on' })
  await question.getByText('3 of 3 can be powered on').waitFor()
  await question.getByRole('button', { name: 'Power on: 3 machines' }).click()
  await page.getByRole('complementary', { name: 'What came of it' }).getByText('3 done').waitFor({ timeout: MINUTES })
  for (const name of ['node01', 'node02', 'node03']) {
    const row = page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) })
    await row.locator('[data-power=on]').waitFor()
  }
  await takePictures(page, 'lab-machines')
})

test('its install is watched, from the first request to ready', { timeout: 6 * MINUTES }, async () => {
  const { page } = sitting
  await page.goto('/ui/boots')
  await page.getByRole('article').filter({ hasText: 'node01' }).waitFor({ timeout: MINUTES })
  await takePictures(page, 'lab-boots')
  await page.goto('/ui/machines/node01?tab=boots')
  for (const words of [
    /told to install/,
    /preseed was (fetched|sent)/,
    /the installer has ended|netboot was turned off/,
  ]) {
    await page
      .getByText(words)
      .filter({ visible: true })
      .first()
      .waitFor({ timeout: 4 * MINUTES })
  }
  await lab.node('node01').until('ready', begin)
  await page
    .getByText(/called back/)
    .filter({ visible: true })
    .first()
    .waitFor()
  await takePictures(page, 'lab-timeline')
  expect(await seriousFindings(page)).toEqual([])
})

test('the serial console is typed into, and the screen is seen', { timeout: 5 * MINUTES }, async () => {
  const { page } = sitting
  await page.goto('/ui/machines/node01?tab=console')
  const state = page.getByRole('status', { name: 'State of the console' })
  await state.getByText('connected to the serial console of node01').waitFor()
  await lab.node('node01').says('orchestra-mini: up', begin)

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
})

test('what it would boot next is explained, and what if', async () => {
  const { page } = sitting
  await page.goto('/ui/machines/node01?tab=explain')
  await page
    .getByText(/netboot is off/)
    .first()
    .waitFor()
  await page.goto('/ui/machines/node01?tab=explain&netboot=on')
  await page
    .getByText(/netboot is on, and profile mini/)
    .first()
    .waitFor()
  await takePictures(page, 'lab-explain')
})

test('nothing went wrong in the page meanwhile', () => {
  expect(sitting.complaints).toEqual([])
})
