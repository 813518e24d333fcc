/** The page of a machine in a real browser: what it would be told and why, what it was sent, what it said, what happened. */
import { beforeAll, describe, expect, test } from 'vitest'
import { MAC, type MachineSite, machineSite } from '../../support/machine-site.ts'

let site: MachineSite
beforeAll(async () => {
  site = await machineSite()
})

describe('explain', () => {
  test('tells what it would boot, line by line from where, and what if; the address keeps the question', async () => {
    const { page } = site
    await page.goto('/ui/machines/node1')
    await page.getByRole('heading', { name: 'node1', exact: true }).click()
    await page.keyboard.press('e')
    const decision = page.getByRole('region', { name: 'Decision' })
    await decision.getByText('It would be installed').waitFor()
    await decision.getByText(/profile web leads to distro trixie/).waitFor()
    await site.isFitToSee('explain')
    await page.getByLabel('Netboot', { exact: true }).selectOption('off')
    await decision.getByText('It would boot from its disk').waitFor()
    await page.getByLabel('Netboot', { exact: true }).selectOption('')
    await page.getByLabel('Firmware').selectOption('uefi-http')
    await page.getByLabel('Profile').selectOption('base')
    await decision.getByText(/profile base leads to distro trixie/).waitFor()
    await page.reload()
    await decision.getByText(/profile base leads to distro trixie/).waitFor()
    expect(await page.getByLabel('Firmware').inputValue()).toBe('uefi-http')
    await page
      .getByRole('link', { name: /^profile base/ })
      .first()
      .waitFor()
    const template = page.getByRole('link', { name: /^templates\/.*:\d+$/ }).first()
    expect(await template.getAttribute('href')).toMatch(/^\/ui\/templates\/templates\/.+\?line=\d+$/)
  })

  test('tells the same of a machine that nobody knows', async () => {
    const { page } = site
    await page.goto('/ui/explain/52:54:00:99:99:99')
    await page.getByRole('region', { name: 'Decision' }).waitFor()
    await site.isFitToSee('explain-unknown')
  })
})

describe('its install', () => {
  test('leaves what was sent, to be compared with what it would be sent now', async () => {
    const { page } = site
    await page.goto('/ui/machines/node1?tab=config&view=diff')
    await page.getByText('No installer has asked for it yet').waitFor()
    await site.fetched(`/boot/grub/grub.cfg-01-${MAC.replaceAll(':', '-')}`)
    await site.fetched('/cblr/svc/op/autoinstall/system/node1')
    await site.api('PATCH', '/api/systems/node1', { meta: { locale: 'fr_FR' } })
    await page.reload()
    await page.getByText('since it was sent').waitFor()
    const difference = page.getByRole('region', { name: 'Difference' })
    await difference.getByText(/en_GB/).first().waitFor()
    await difference.getByText(/fr_FR/).first().waitFor()
    await site.isFitToSee('config-diff')
    await page.getByText('As it is now').click()
    await page.getByLabel('Find in the preseed').fill('FR_fr')
    await page.getByText(/^1 of \d+ lines$/).waitFor()
    await site.isFitToSee('config')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('node1.seed')
    await page.getByText('Late command').click()
    await page
      .getByRole('region', { name: 'Late command' })
      .getByText(/curl|wget/)
      .first()
      .waitFor()
    await page.getByText('User data').click()
    await page.getByRole('region', { name: 'Metadata' }).waitFor()
  })

  test('is heard line by line: followed, paused, filtered, and each line has an address', async () => {
    const { page } = site
    await site.says('main-menu', 'info', "Menu item 'partman-base' selected")
    await site.says('debootstrap', 'warning', 'Retrieving <b>base</b> is slow')
    await site.says('finish-install', 'err', 'Could not write /target/etc/motd')
    await page.goto('/ui/machines/node1?tab=log')
    const log = page.getByRole('region', { name: 'Log' })
    await log.getByText("Menu item 'partman-base' selected").waitFor()
    await log.getByText('Retrieving <b>base</b> is slow').waitFor()
    await site.isFitToSee('log')
    await page.getByRole('button', { name: 'Pause' }).click()
    await site.says('main-menu', 'info', 'Menu item grub selected')
    await page.getByText('paused, 1 new').waitFor()
    expect(await log.getByText('Menu item grub selected').count()).toBe(0)
    await page.getByRole('button', { name: 'Follow' }).click()
    await log.getByText('Menu item grub selected').waitFor()
    await page.getByLabel('Level').selectOption('error')
    await log.getByText(/partman/).waitFor({ state: 'detached' })
    await log.getByText('Could not write /target/etc/motd').waitFor()
    await page.getByLabel('Level').selectOption('debug')
    await page.getByRole('heading', { name: 'node1', exact: true }).click()
    await page.keyboard.press('/')
    await page.keyboard.type('PARTMAN')
    await expect.poll(() => log.locator('mark').allTextContents()).toEqual(['partman'])
    await log.getByRole('link').click()
    await page.reload()
    await log.locator('[data-chosen]').getByText('partman').waitFor()
  })

  test('is one boot with a verdict, drawn as phases and told line by line', async () => {
    const { page } = site
    await page.goto('/ui/machines/node1?tab=boots')
    const picture = page.getByRole('img', { name: /Preseed/ })
    await picture.waitFor()
    await page.getByRole('region', { name: 'Verdict' }).waitFor()
    await site.isFitToSee('boots')
  })
})

test('events come as they happen, and admins see who did what', async () => {
  const { page } = site
  await page.goto('/ui/machines/node1?tab=events')
  const events = page.getByRole('region', { name: 'Events', exact: true })
  await events.getByText(/preseed: the preseed was fetched/).waitFor()
  await page.getByRole('cell', { name: 'PATCH /api/systems/node1' }).first().waitFor()
  const { revision } = (await site.api('PATCH', '/api/systems/node1', { status: 'production' })) as { revision: number }
  await events.getByText(`saved, revision ${revision}`).waitFor()
  await site.isFitToSee('events')
})

test('nothing went wrong in the page meanwhile', () => {
  expect(site.complaints).toEqual([])
})
