/** The pages of administrators in a real browser: users, tokens, audit, the API explorer. */
import { beforeAll, describe, expect, test } from 'vitest'
import { checkSight, logIn, type Sitting } from '../../support/browser.ts'
import { type Daemon, startDaemon } from '../../support/daemon.ts'

let daemon: Daemon
let sitting: Sitting
beforeAll(async () => {
  daemon = await startDaemon()
  sitting = await logIn(daemon)
})

const isFitToSee = (name: string) => checkSight(sitting.page, name)

test('a user is added with a password that is told once, gets another role, and is removed', async () => {
  const { page } = sitting
  await page.getByRole('link', { name: 'Users and tokens' }).click()
  await page.getByRole('button', { name: 'Add a user' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('vera')
  await dialog.getByLabel('Role').selectOption('viewer')
  await dialog.getByText('orchestra user add vera --role viewer').waitFor()
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  const password = (await dialog.locator('code').textContent()) ?? ''
  await dialog.getByRole('button', { name: 'Done' }).click()

  const other = await logIn(daemon, { user: 'vera', password })
  expect(await other.page.getByRole('link', { name: 'Audit' }).count()).toBe(0)
  await page.getByLabel('Role of vera').selectOption('operator')
  await expect.poll(async () => (await (await other.page.request.get('/api/account')).json()).role).toBe('operator')
  await isFitToSee('users')

  await page.getByRole('button', { name: 'Remove vera' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove vera' }).click()
  await page.getByLabel('Role of vera').waitFor({ state: 'detached' })
  expect((await other.page.request.get('/api/account')).status()).toBe(401)
})

test('a token is made for a program, opens what it says, and ends', async () => {
  const { page } = sitting
  await page.goto('/ui/people?tab=tokens')
  await page.getByText('No program has a token').waitFor()
  await page.getByRole('button', { name: 'Make a token' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('grafana')
  await dialog.getByRole('button', { name: 'Make it' }).click()
  await dialog.getByText('grafana is made').waitFor()
  const token = await dialog.locator('pre').textContent()
  await dialog.getByRole('button', { name: 'Done' }).click()
  const asked = (method: string) =>
    fetch(`${daemon.url}/api/systems`, { method, headers: { authorization: `Bearer ${token}` } })
  expect((await asked('GET')).status).toBe(200)
  expect((await asked('POST')).status).toBe(403)
  await isFitToSee('tokens')
  await page.getByRole('button', { name: 'End grafana' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'End grafana' }).click()
  await page.getByText('No program has a token').waitFor()
  expect((await asked('GET')).status).toBe(401)
})

describe('the audit', () => {
  test('shows who did what, filtered by what the address says', async () => {
    const { page } = sitting
    await page.getByRole('link', { name: 'Audit' }).click()
    await page.getByRole('cell', { name: 'DELETE /api/users/vera' }).waitFor()
    await page.getByLabel('In the action').fill('vera')
    await page.getByRole('cell', { name: 'POST /api/login' }).waitFor({ state: 'detached' })
    await page.reload()
    await page.getByRole('cell', { name: 'PATCH /api/users/vera' }).waitFor()
    expect(await page.getByLabel('In the action').inputValue()).toBe('vera')
    await isFitToSee('audit')
  })
})

describe('the API explorer', () => {
  test('finds a call, sends it, and shows the answer and the same with curl', async () => {
    const { page } = sitting
    await page.getByRole('link', { name: 'API', exact: true }).click()
    await page.getByLabel('Find a call').fill('make a mgmtclass')
    await page.getByRole('button', { name: 'POST /api/mgmtclasses Make' }).click()
    await page.getByLabel('Body').fill('{"name": "made-by-hand"}')
    await page.getByText(`-d '{"name": "made-by-hand"}' '${daemon.url}/api/mgmtclasses`).waitFor()
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByRole('region', { name: 'Answer' }).getByText('201', { exact: true }).waitFor()
    await isFitToSee('api')
    await page.getByLabel('Find a call').fill('one mgmtclass')
    await page.getByRole('button', { name: 'GET /api/mgmtclasses/{name}' }).click()
    await page.getByLabel('name (path)').fill('made-by-hand')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByRole('region', { name: 'Answer' }).getByText('"name": "made-by-hand"').waitFor()
  })
})

test('nothing went wrong in the page meanwhile', () => {
  expect(sitting.complaints).toEqual([])
})
