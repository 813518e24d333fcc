/** The door of the console in a real browser: a login, a wrong one, a logout, and what stands around every page. */
import { beforeAll, describe, expect, test } from 'vitest'
import { logIn, seriousFindings, sitDown, takePictures } from '../../support/browser.ts'
import { type Daemon, startDaemon } from '../../support/daemon.ts'

let daemon: Daemon
beforeAll(async () => {
  daemon = await startDaemon()
})

describe('the login', () => {
  test('refuses a wrong password in a sentence, and lets the right one in', async () => {
    const { page, complaints } = await sitDown(daemon)
    await page.getByLabel('User').fill('admin')
    await page.getByLabel('Password', { exact: true }).fill('not this one')
    await page.keyboard.press('Enter')
    await page
      .getByRole('alert')
      .getByText(/do not belong together/)
      .waitFor()
    await takePictures(page, 'login')
    expect(await seriousFindings(page)).toEqual([])
    await page.getByLabel('Password', { exact: true }).fill(daemon.password)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    expect(complaints).toEqual([])
  })

  test('lasts over a reload, and its token is for no script to read', async () => {
    const { page } = await logIn(daemon)
    await page.reload()
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    expect(await page.evaluate('document.cookie + JSON.stringify(localStorage)')).not.toMatch(/session|token/i)
  })

  test('ends with the logout', async () => {
    const { page } = await logIn(daemon)
    await page.getByRole('button', { name: 'Logged in as admin' }).click()
    await page.getByRole('menuitem', { name: 'Log out' }).click()
    await page.getByRole('button', { name: 'Log in' }).waitFor()
    const answer = await page.request.get('/api/account')
    expect(answer.status()).toBe(401)
  })
})

describe('around every page', () => {
  test('keys lead to pages and show themselves', async () => {
    const { page } = await logIn(daemon)
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys of this page' }).getByText('go to Overview').waitFor()
    await page.keyboard.press('Escape')
    await page.goto('/ui/nowhere')
    await page.getByRole('heading', { name: 'Nothing here' }).waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('o')
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
  })

  test('the colors are chosen, and stay', async () => {
    const { page } = await logIn(daemon)
    await page.getByRole('button', { name: /^Colors/ }).click()
    await page.getByRole('menuitem', { name: 'Dark' }).click()
    await page.reload()
    await page.getByRole('button', { name: 'Colors: dark' }).waitFor()
    expect(await page.evaluate('document.documentElement.dataset.mantineColorScheme')).toBe('dark')
  })

  test('a lost connection is said', async () => {
    const { page } = await logIn(daemon)
    await daemon.stop()
    await page.getByRole('status', { name: /The connection is lost/ }).waitFor()
  })
})
