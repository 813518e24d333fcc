/** Templates as machines would be given them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtIn } from '../boot/golden-text.ts'
import { type TestApp, testApp } from './test-app.ts'

let it: TestApp
beforeAll(async () => {
  it = await testApp()
})
afterAll(() => it.close())

const PATH = 'preseeds/default.seed'
const DEFAULT = builtIn('preseeds')('default.seed') ?? ''
const CHANGED = DEFAULT.replace('d-i clock-setup/utc boolean true', 'd-i clock-setup/utc boolean false')

describe('the preview', () => {
  const preview = async (payload: object, role: 'viewer' | 'operator' = 'viewer') =>
    (await it.as(role, 'POST', '/api/template-preview', payload)).json() as {
      text: string
      problems: { line: number | null; message: string }[]
    }

  beforeAll(async () => {
    const draft = it.catalog.draft('system')
    const eth0 = { macAddress: '52:54:00:77:00:01', ipAddress: '', netmask: '', gateway: '', dnsName: '' }
    const nic = { ...eth0, static: false, management: false, mtu: '', other: {} } as never
    await it.catalog.save('system', { ...draft, name: 'node1', profile: 'debian-13', interfaces: { eth0: nic } })
  })

  test('of a preseed is what the machine would be given, and nothing is recorded', async () => {
    const events = it.journal.lastId()
    const { text, problems } = await preview({ path: PATH, text: CHANGED, system: 'node1' })
    expect(problems).toEqual([])
    expect(text).toContain('d-i clock-setup/utc boolean false')
    expect(it.journal.lastId()).toBe(events)
    await it.as('admin', 'PUT', `/api/templates/${PATH}`, { text: CHANGED })
    expect(await it.site.install.systemPreseed('node1', '10.0.0.9')).toBe(text)
  })

  test('of a preseed that the machine does not use says so', async () => {
    const text = 'd-i netcfg/get_hostname string {{hostname}}\n'
    const made = await preview({ path: 'preseeds/other.seed', text, system: 'node1' })
    expect(made.text).toBe('d-i netcfg/get_hostname string node1\n')
    expect(made.problems).toEqual([
      { line: null, severity: 'warning', message: expect.stringContaining('system node1 is not given this file') },
    ])
  })

  test('of a snippet is the whole that it is part of, or itself', async () => {
    const shared = await preview({ path: 'templates/snippets/site.seed', text: '# {{hostname}}!\n', system: 'node1' })
    expect(shared.text).toContain('# node1!\n')
    expect(shared.text).toContain('d-i mirror/country')
    const alone = await preview({ path: 'templates/snippets/new', text: '# {{hostname}}!\n', profile: 'debian-13' })
    expect(alone.text).toBe('# new-machine!\n')
  })

  test('of what nothing reads is the text', async () => {
    const text = 'plain {{text}}\n'
    const made = await preview({ path: 'templates/grub/other.cfg', text, system: 'node1' })
    expect([made.text, made.problems]).toEqual([text, [expect.objectContaining({ line: null, severity: 'warning' })]])
  })

  test('of a script is the script, decoded', async () => {
    const { text } = await preview({ path: 'preseeds/scripts/late.sh', text: 'echo {{hostname}}\n', system: 'node1' })
    expect(text).toBe('echo node1\n')
  })

  test('of a boot template is the boot config', async () => {
    const text = '# {{name}} {{mac}}\n'
    expect((await preview({ path: 'templates/ipxe/install.cfg', text, system: 'node1' })).text).toBe(
      '# node1 52:54:00:77:00:01\n',
    )
    const local = await preview({ path: 'templates/grub/local.cfg', text: '# {{because}}\n', system: 'node1' })
    expect(local).toEqual({
      text: '# netboot is off\n',
      problems: [{ line: null, severity: 'warning', message: 'node1 is told to boot otherwise now: install' }],
    })
    const enlist = await preview({ path: 'templates/grub/enlist.cfg', text: '# {{profile}}\n', profile: 'debian-13' })
    expect(enlist.text).toBe('# debian-13\n')
  })

  test('of what was uploaded is rendered by its engine', async () => {
    const ks = await preview({ path: 'cobbler/templates/a.ks', text: 'host $name\n', system: 'node1' })
    expect(ks.text).toBe('host node1\n')
    const path = 'cobbler/snippets/keys.j2'
    expect((await preview({ path, text: '{{ name | upper }}', system: 'node1' })).text).toBe('NODE1')
    const script = await preview({ path: 'cobbler/scripts/hi', text: 'echo $name\n', system: 'node1' })
    expect(script).toEqual({ text: 'echo node1\n', problems: [] })
  })

  test('without a machine is for somebody who uses it', async () => {
    const { text } = await preview({ path: PATH, text: '# {{profile_name}}\n' })
    expect(text).toBe('# debian-13\n')
    const made = await preview({ path: 'preseeds/new.ks', text: '# {{profile_name}} {{breed}}\n' })
    expect(made.text).toBe('# sample redhat\n')
  })

  test('of what cannot be rendered has no text, and the line', async () => {
    const { text, problems } = await preview({ path: PATH, text: '# a\n# {{nobody}}\n', system: 'node1' })
    expect(text).toBe('')
    expect(problems).toMatchObject([{ line: 2, severity: 'error' }])
  })

  test('for nobody, or for two, is refused', async () => {
    const ask = (payload: object) =>
      it.as('viewer', 'POST', '/api/template-preview', { path: PATH, text: '', ...payload })
    expect((await ask({ system: 'nobody' })).json()).toMatchObject({ status: 422, field: 'system' })
    expect((await ask({ system: 'node1', profile: 'debian-13' })).statusCode).toBe(400)
  })

  test('tells a viewer no secret, however he asks', async () => {
    const profile = it.catalog.get('profile', 'debian-13')
    if (!profile) throw new Error('no profile')
    await it.catalog.save('profile', { ...profile, other: { ...profile.other, redhat_management_key: 'sesame42' } })
    const text = '#echo $redhat_management_key[::-1]\n$redhat_management_key\n'
    const payload = { path: 'cobbler/templates/a.ks', text, profile: 'debian-13' }
    expect((await preview(payload)).text).toBe('****************\n')
    expect((await preview(payload, 'operator')).text).toBe('24emasessesame42\n')
    const loud = { path: 'cobbler/templates/a.ks', text: '#echo int($redhat_management_key)\n' }
    expect((await it.as('viewer', 'POST', '/api/template-lint', loud)).body).not.toContain('sesame42')
  })
})
