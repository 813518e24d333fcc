/** What machines get, edited in a real browser: profiles and distros, templates with lint, preview and history, settings. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { checkSight, logIn, type Sitting } from '../../support/browser.ts'
import { type Daemon, startDaemon } from '../../support/daemon.ts'

let daemon: Daemon
let sitting: Sitting
beforeAll(async () => {
  daemon = await startDaemon()
  for (const name of ['linux', 'initrd']) writeFileSync(join(daemon.data, name), name)
  await api('POST', 'distros', {
    ...{ name: 'debian-13', kernel: join(daemon.data, 'linux'), initrd: join(daemon.data, 'initrd') },
    ...{ arch: 'x86_64', breed: 'debian', osVersion: 'trixie' },
  })
  await api('POST', 'profiles', { name: 'debian-13', distro: 'debian-13' })
  await api('POST', 'systems', { name: 'node01', profile: 'debian-13' })
  sitting = await logIn(daemon)
})

async function api(method: string, path: string, body?: object): Promise<Response> {
  const answer = await fetch(`${daemon.url}/api/${path}`, {
    method,
    headers: { authorization: `Bearer ${await daemon.token()}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  expect(answer.status, await answer.clone().text()).toBeLessThan(300)
  return answer
}

const preseed = async () => await (await fetch(`${daemon.url}/cblr/svc/op/autoinstall/system/node01`)).text()

describe('a profile', () => {
  test('is found, edited and saved, and the machine that has it sees it at once', async () => {
    const { page } = sitting
    await page.getByRole('link', { name: 'Profiles' }).click()
    await page.getByRole('row', { name: /debian-13.*1$/ }).waitFor()
    await checkSight(page, 'profiles')
    await page.getByRole('link', { name: 'debian-13' }).first().click()
    await page.getByRole('switch', { name: 'Inherit Values for templates (ks_meta)' }).click()
    await page.getByLabel('Values for templates (ks_meta)', { exact: true }).fill('EXTRA_PACKAGES="htop tmux"')
    await page.getByText('orchestra profile edit --name debian-13').waitFor()
    await checkSight(page, 'profile')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText(/debian-13 is saved/).waitFor()
    expect(await preseed()).toMatch(/pkgsel\/include string .*htop tmux/)
  })

  test('that somebody else changes is not overwritten unseen, and a wrong name is said at its field', async () => {
    const { page } = sitting
    await api('PATCH', 'profiles/debian-13', { comment: 'mine' })
    await page.getByText('Somebody has changed this meanwhile').waitFor()
    await page.getByLabel('Comment').fill('yours')
    await page.getByRole('button', { name: 'Save' }).click()
    await page
      .getByRole('alert')
      .filter({ hasText: /changed/ })
      .last()
      .waitFor()
    await page.getByRole('button', { name: 'Read again' }).click()
    await expect.poll(() => page.getByLabel('Comment').inputValue()).toBe('mine')
    await page.getByRole('combobox', { name: 'Distro', exact: true }).fill('no-such-distro')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Save' }).click()
    await page
      .getByText(/no-such-distro/)
      .last()
      .waitFor()
  })

  test('in use is not removed, and says by whom', async () => {
    const { page } = sitting
    await page.goto('/ui/profiles/debian-13')
    await page.getByRole('button', { name: 'Remove' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Type debian-13 to go on').fill('debian-13')
    await dialog.getByRole('button', { name: 'Remove debian-13' }).click()
    await dialog.getByText(/node01/).waitFor()
    await page.keyboard.press('Escape')
  })

  test('has its distro, and classes their page', async () => {
    const { page } = sitting
    await page.getByRole('link', { name: 'Distros' }).click()
    await page.getByRole('link', { name: 'debian-13' }).first().waitFor()
    await checkSight(page, 'distros')
    await page.getByRole('link', { name: 'debian-13' }).first().click()
    await page.getByLabel('Kernel').first().waitFor()
    await checkSight(page, 'distro')
    await page.getByRole('link', { name: 'Classes' }).click()
    await page.getByText('No management class yet').waitFor()
    await page.getByRole('link', { name: 'Make one by hand' }).click()
    await page.getByLabel('Name', { exact: false }).first().fill('rack1')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { name: 'rack1' }).waitFor()
    await checkSight(page, 'class')
  })
})

describe('a template', () => {
  const editor = () => sitting.page.getByRole('textbox', { name: 'Text of preseeds/default.seed' })

  test('is listed with who uses it, and previewed for a machine', async () => {
    const { page } = sitting
    await page.getByRole('link', { name: 'Templates' }).click()
    await page.getByRole('row', { name: /preseeds\/default\.seed.*built-in/ }).waitFor()
    await checkSight(page, 'templates')
    await page.getByRole('link', { name: 'preseeds/default.seed' }).click()
    await page
      .getByLabel('Rendered text')
      .getByText(/d-i preseed\/late_command/)
      .waitFor()
    await checkSight(page, 'template')
  })

  test('says where it is wrong while it is written, and is not saved so unless one insists', async () => {
    const { page } = sitting
    await editor().click()
    await page.keyboard.press('Control+End')
    await page.keyboard.type('d-i my/own string {{no_such_name}}')
    await page.getByRole('tab', { name: 'Problems (' }).click()
    await page
      .getByText(/no_such_name/)
      .last()
      .waitFor()
    await checkSight(page, 'template-problems')
    await page.getByRole('button', { name: 'Save' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByRole('alert').waitFor()
    await page.keyboard.press('Escape')
    expect(await preseed()).not.toContain('my/own')
  })

  test('is mended, saved with a word on why, and is what the next installer gets', async () => {
    const { page } = sitting
    await editor().click()
    await page.keyboard.press('Control+End')
    for (const _ of '{{no_such_name}}') await page.keyboard.press('Backspace')
    await page.keyboard.type('{{hostname}}\n')
    await page.getByRole('tab', { name: 'Problems', exact: true }).click()
    await page.getByText(/Nothing is wrong with it/).waitFor()
    await page.getByRole('tab', { name: 'Changes' }).click()
    await page.getByText('d-i my/own string {{hostname}}').last().waitFor()
    await checkSight(page, 'template-changes')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('dialog').getByLabel('What changes').fill('a question of our own')
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await page.getByText(/is saved; the next machine/).waitFor()
    expect(await preseed()).toContain('d-i my/own string node01')
  })

  test('has a history that one can go back in', async () => {
    const { page } = sitting
    await page.getByRole('tab', { name: 'History' }).click()
    await page.getByRole('button', { name: /a question of our own/ }).click()
    await checkSight(page, 'template-history')
    await page.getByRole('button', { name: 'Back to the built-in one' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Take it back' }).click()
    await expect.poll(preseed).not.toContain('my/own')
  })
})

describe('settings', () => {
  test('say what they mean and where they come from, are checked before they are saved, and served after a restart', async () => {
    const { page } = sitting
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByLabel('Find a setting').fill('deadlines')
    await page.getByLabel('deadlines.boot_seconds').fill('-5')
    await page.getByRole('button', { name: 'Check' }).click()
    await page
      .getByText(/deadlines\.boot_seconds: /)
      .last()
      .waitFor()
    await checkSight(page, 'settings')
    await page.getByLabel('deadlines.boot_seconds').fill('1234')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved, and not served yet').waitFor()
    await page.getByRole('button', { name: 'Restart the daemon' }).click()
    await page.getByText('The daemon serves with the new settings').waitFor()
    await page.getByRole('status', { name: /^Live/ }).waitFor()
    await page.reload()
    expect(await page.getByLabel('deadlines.boot_seconds').inputValue()).toBe('1234')
  })
})

test('nothing went wrong in the page meanwhile', () => {
  // The daemon was away for a second when it started anew.
  expect(
    sitting.complaints.filter((line) => !/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE|ERR_EMPTY_RESPONSE/.test(line)),
  ).toEqual([])
})
