/** A preview is what production then serves, byte for byte: over generated systems, files and texts. */
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addProfile, type TestStore, testStore } from '../support/store.ts'
import { type TestTemplates, testTemplates } from '../support/templates.ts'

let store: TestStore
let site: TestTemplates
beforeAll(async () => {
  store = await testStore()
  site = testTemplates({ ...store, record: (name, payload) => void store.events.push({ name, payload }) })
  await addProfile(store.catalog, 'debian-13')
  await store.catalog.save('system', { ...store.catalog.draft('system'), name: 'node1', profile: 'debian-13' })
})
afterAll(async () => {
  site.close()
  await store.close()
})

const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/)
const machine = fc.record({
  hostname: word,
  autoinstall: fc.constantFrom(
    'default.seed',
    'juju.seed',
    'autoinstall.yaml',
    'kickstart.ks',
    'autoyast.xml',
    'own.ks',
  ),
  meta: fc.dictionary(fc.constantFrom('locale', 'timezone', 'username', 'EXTRA_PACKAGES', 'tree'), word),
  breed: fc.constantFrom('debian', 'ubuntu', 'redhat', 'suse'),
})
const line = fc.constantFrom(
  'd-i a/b string {{hostname}}',
  '# {{default meta.locale "C"}}',
  '{{#if meta.timezone}}# {{meta.timezone}}{{/if}}',
  '{{#each packages}}# {{this}}\n{{/each}}',
  '{{> site.seed}}',
  '{{late_command}}',
)
const cheetah = fc.constantFrom(
  'host $hostname',
  '#if $breed == "debian"\nx\n#end if',
  '$nobody',
  '@@name@@',
  "$SNIPPET('net')",
)
const change = fc.oneof(
  fc.record({ path: fc.constant('preseeds/default.seed'), lines: fc.array(line) }),
  fc.record({
    path: fc.constant('templates/snippets/site.seed'),
    lines: fc.array(fc.constantFrom('# {{profile_name}}', '# x')),
  }),
  fc.record({ path: fc.constant('cobbler/templates/own.ks'), lines: fc.array(cheetah) }),
  fc.record({
    path: fc.constant('cobbler/snippets/net'),
    lines: fc.array(fc.constantFrom('net $name', '#set $x = 1', '$x')),
  }),
)

test('a preview is what is served once it is saved', async () => {
  const { catalog } = store
  const { templates, install, files } = site
  const deed = { by: 'admin', comment: '', expect: () => {}, force: true }
  let same = 0
  await files.write('templates', 'own.ks', "$SNIPPET('net')\n", deed)
  await files.write('snippets', 'net', 'net $name\n', deed)
  await fc.assert(
    fc.asyncProperty(machine, change, async ({ breed, ...fields }, { path, lines }) => {
      const [distro, system] = [catalog.get('distro', 'debian-13'), catalog.get('system', 'node1')]
      if (!distro || !system) throw new Error('nothing there')
      await catalog.save('distro', { ...distro, breed })
      await catalog.save('system', { ...system, ...fields })
      const text = `${lines.join('\n')}\n`
      const preview = await templates.preview(path, text, { system: 'node1', seesSecrets: true })
      // A file that this machine is not given is rendered all the same.
      const isUploaded = path.startsWith('cobbler/')
      if (isUploaded !== (fields.autoinstall === 'own.ks')) return
      if (!isUploaded && !/default|juju/.test(fields.autoinstall)) return
      if (preview.problems.some(({ message }) => /is not given|no template with/.test(message))) return
      await templates.save(path, text, deed)
      const served = await install.systemPreseed('node1', undefined).catch((error: Error) => error)
      if (typeof served === 'string') {
        same++
        expect(preview.text).toBe(served)
      } else {
        expect(preview.text).toBe('')
        expect(preview.problems.some(({ severity }) => severity === 'error')).toBe(true)
      }
    }),
    { numRuns: 150 },
  )
  // By chance; that there was anything to compare is what counts.
  expect(same).toBeGreaterThan(5)
})
