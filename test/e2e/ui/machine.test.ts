/** The page of a machine in a real browser: what is entered of it, edited, taken, turned on, renamed and removed. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { logIn } from '../../support/browser.ts'
import { MAC, type MachineSite, machineSite } from '../../support/machine-site.ts'

let site: MachineSite
beforeAll(async () => {
  site = await machineSite()
})

describe('the overview', () => {
  beforeEach(async () => {
    await site.page.goto('/ui/machines/node1')
  })

  test('shows what a machine is, where it stands, and what it inherits from whom', async () => {
    const { page } = site
    await page.getByRole('heading', { name: 'node1', exact: true }).waitFor()
    await page.getByRole('list', { name: 'Its stages' }).getByText('available').waitFor()
    const options = page.getByRole('region', { name: 'Kernel options', exact: true })
    await options.getByRole('row', { name: 'console ttyS0,115200 profile base' }).waitFor()
    await options.getByRole('row', { name: 'quiet (a bare word) distro trixie' }).waitFor()
    const meta = page.getByRole('region', { name: 'Meta', exact: true })
    await meta.getByRole('row', { name: 'locale en_GB its own' }).waitFor()
    await meta.getByRole('row', { name: 'role web profile web' }).waitFor()
    await page.getByRole('button', { name: `Copy ${MAC}` }).waitFor()
    await site.isFitToSee('overview')
  })

  test('is edited, and a change of somebody else meanwhile is shown and kept', async () => {
    const { page } = site
    await page.getByRole('button', { name: 'Edit' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Host name').fill('web1.example.org')
    await dialog.getByLabel('Comment').fill('mine')
    await dialog.getByText(/system edit --name=node1 --hostname=web1\.example\.org --comment=mine/).waitFor()
    await site.isFitToSee('edit')
    await site.api('PATCH', '/api/systems/node1', { comment: 'theirs', status: 'testing' })
    await dialog.getByRole('button', { name: 'Save' }).click()
    const conflict = dialog.getByRole('alert')
    await conflict.getByRole('row', { name: 'comment Rack 4, left of the door theirs mine' }).waitFor()
    await conflict.getByRole('row', { name: 'status production testing nothing else' }).waitFor()
    await site.isFitToSee('conflict')
    expect(await site.api('GET', '/api/systems/node1')).toMatchObject({ comment: 'theirs', hostname: '' })
    await conflict.getByRole('button', { name: 'Lay my changes over it' }).click()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect(await site.api('GET', '/api/systems/node1')).toMatchObject({
      comment: 'mine',
      status: 'testing',
      hostname: 'web1.example.org',
      interfaces: { eth0: { macAddress: MAC } },
    })
    await page.getByText('web1.example.org').waitFor()
  })

  test('tells the field that is wrong, and changes interfaces', async () => {
    const { page } = site
    await page.getByRole('button', { name: 'Edit' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('tab', { name: 'Network' }).click()
    await dialog.getByRole('button', { name: 'Take eth1 away' }).click()
    await dialog.getByLabel('Another interface').fill('bmc')
    await dialog.getByRole('button', { name: 'Add' }).click()
    const bmc = dialog.getByRole('group', { name: 'bmc' })
    await bmc.getByLabel('MAC address').fill('no address')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog
      .getByText(/"no address" is not a MAC address/)
      .first()
      .waitFor()
    await bmc.getByLabel('MAC address').fill('52:54:00:77:09:01')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('row', { name: /^bmc/ }).waitFor()
    const { interfaces } = (await site.api('GET', '/api/systems/node1')) as { interfaces: object }
    expect(Object.keys(interfaces)).toEqual(['eth0', 'bmc'])
  })

  test('takes a machine and gives it back, and turns netboot off and on', async () => {
    const { page } = site
    const standing = page.getByRole('region', { name: 'Where it stands' })
    const act = async (button: string, action: string) => {
      await standing.getByRole('button', { name: button }).click()
      await page.getByRole('dialog').getByRole('button', { name: action, exact: true }).click()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    }
    await act('Acquire', 'Take node1')
    await standing.getByText('orchestra-juju-acquired').first().waitFor()
    await act('Netboot off', 'Turn netboot off')
    await standing.getByRole('button', { name: 'Netboot on' }).waitFor()
    await act('Release', 'Give node1 back')
    await standing.getByRole('button', { name: 'Acquire' }).waitFor()
    await standing.getByRole('button', { name: 'Netboot off' }).waitFor()
  })

  test('orders power by a key that asks, shows the order, and what a person saw', async () => {
    const { page } = site
    // Giving it back has ordered that it is turned off, and nobody did.
    await page.getByText('off requested').first().waitFor()
    await page.getByRole('button', { name: 'Cancel the order' }).click()
    await page.getByText('What was under way or waited is given up.').waitFor()
    await page.getByRole('switch', { name: 'Power of node1', disabled: false }).waitFor()
    await page.keyboard.press('p')
    const dialog = page.getByRole('dialog')
    await dialog.getByText('orchestra system poweron --name node1').waitFor()
    await dialog.getByRole('button', { name: 'Turn node1 on' }).click()
    await page.getByText('on requested').first().waitFor()
    await page
      .getByText(/somebody must turn node1 on/)
      .first()
      .waitFor()
    await page.getByRole('button', { name: 'I saw it on' }).click()
    await page.getByText('Noted: it is on.').waitFor()
    await page.locator('[data-power="on"]').first().waitFor()
  })
})

test('keys lead to the machines beside it, and it is renamed and removed', async () => {
  const { page } = site
  await page.goto('/ui/machines/node1?tab=events')
  await page.getByRole('button', { name: 'Next machine', disabled: false }).waitFor()
  await page.keyboard.press('[')
  await page.getByRole('heading', { name: 'node0', exact: true }).waitFor()
  await page.keyboard.press(']')
  await page.getByRole('heading', { name: 'node1', exact: true }).waitFor()
  await page.keyboard.press(']')
  await page.getByRole('heading', { name: 'node2', exact: true }).waitFor()
  const choose = async (item: string) => {
    await page.getByRole('button', { name: 'More that can be done to it' }).click()
    await page.getByRole('menuitem', { name: item }).click()
  }
  const dialog = page.getByRole('dialog')
  await choose('Rename …')
  await dialog.getByLabel('Its new name').fill('spare')
  await dialog.getByRole('button', { name: 'Rename', exact: true }).click()
  await page.getByRole('heading', { name: 'spare', exact: true }).waitFor()
  await choose('Copy …')
  await dialog.getByLabel('Its new name').fill('twin')
  await dialog.getByRole('button', { name: 'Copy', exact: true }).click()
  await page.getByRole('heading', { name: 'twin', exact: true }).waitFor()
  await choose('Remove …')
  await dialog.getByLabel('Type twin to go on').fill('twin')
  await dialog.getByRole('button', { name: 'Remove twin' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.goto('/ui/machines/twin')
  await page.getByText('There is no machine twin').waitFor()
})

test('who only looks is told so', async () => {
  await site.api('POST', '/api/users', { name: 'vera', role: 'viewer', password: 'a long password' })
  const { page } = await logIn(site.daemon, { user: 'vera', password: 'a long password' })
  await page.goto('/ui/machines/node1')
  await page.getByRole('button', { name: 'Edit', disabled: true }).waitFor()
  await page.getByRole('tab', { name: 'Events & audit' }).click()
  await page.getByRole('region', { name: 'Events', exact: true }).waitFor()
  expect(await page.getByRole('heading', { name: 'Audit' }).count()).toBe(0)
})

test('nothing went wrong in the page meanwhile', () => {
  expect(site.complaints).toEqual([])
})
