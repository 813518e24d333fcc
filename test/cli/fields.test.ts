/** The table of the command line beside that of XML-RPC: the same fields, and the same words for what was never set. */
import { describe, expect, test } from 'vitest'
import { type Field, fieldsOf, readField } from '../../src/cli/fields.ts'
import { NOUN_NAMES, pluralOf } from '../../src/cli/nouns.ts'
import type { JsonObject } from '../../src/lib/json.ts'
import { emptyItem, ITEM_TYPES, PLURALS } from '../../src/model/items.ts'
import { emptyInterface } from '../../src/model/system.ts'
import { fieldsOf as remoteFieldsOf } from '../../src/xmlrpc/fields.ts'
import { interfaceFields } from '../../src/xmlrpc/interface-fields.ts'

/** What is no option: it follows from the rest, or is shown in a way of its own; and what Cobbler has on all types alike. */
const NO_OPTION = 'name uid ctime mtime depth is_subobject interfaces mgmt_parameters'.split(' ')
const EVERYWHERE =
  'mgmt_classes kernel_options kernel_options_post ks_meta boot_files fetchable_files template_files parent owners'.split(
    ' ',
  )
/** Only Cobbler's web interface had them. */
const NEVER_AN_OPTION = ['remote_grub_kernel', 'remote_grub_initrd', 'path', 'template', 'owner', 'group', 'mode']

describe.each(ITEM_TYPES)('of a %s', (type) => {
  const own = fieldsOf(type).filter(({ of }) => of !== 'interface')
  const remote = remoteFieldsOf(type)

  test('every field that XML-RPC knows has an option', () => {
    const names = new Set(own.flatMap((field) => field.names))
    const allowed = new Set([
      ...NO_OPTION,
      ...(['distro', 'profile', 'system'].includes(type) ? ['parent'] : EVERYWHERE),
      ...(['distro', 'package'].includes(type) ? NEVER_AN_OPTION : []),
    ])
    expect(remote.flatMap(({ names: [name = ''] }) => (names.has(name) || allowed.has(name) ? [] : [name]))).toEqual([])
  })

  test('every option is a field that XML-RPC knows, kept in the same place and with the same default', () => {
    const item = { ...emptyItem(type, 'a'), name: 'a' }
    const wrong = own
      .filter(({ of }) => of === 'item')
      .flatMap((field) => {
        const twin = remote.find(({ names }) => field.names.every((name) => names.includes(name)))
        if (!twin) return [`there is no ${field.names[0]}`]
        const [here, there] = [readField(field, item as unknown as JsonObject), twin.read(item as never)]
        // None at all and an empty text look the same in a report.
        return JSON.stringify(here) === JSON.stringify(there ?? '')
          ? []
          : [`${field.names[0]}: ${JSON.stringify([here, there])}`]
      })
    expect(wrong).toEqual([])
  })

  test('no option is there twice, and every name of a field has its label', () => {
    const options = fieldsOf(type).flatMap((field) => field.options)
    expect(options.filter((option, index) => options.indexOf(option) !== index)).toEqual([])
    for (const { names, labels } of fieldsOf(type)) expect([names, labels.length]).toEqual([names, names.length])
  })
})

test('the nouns are the types of the model, and so are more than one of them', () => {
  expect([...NOUN_NAMES].sort()).toEqual([...ITEM_TYPES].sort())
  expect(Object.fromEntries(NOUN_NAMES.map((type) => [type, pluralOf(type)]))).toEqual(PLURALS)
})

test('of an interface: the same fields as XML-RPC, with the same defaults', () => {
  const own = fieldsOf('system').filter(({ of }) => of === 'interface')
  const nic = emptyInterface()
  const said = (fields: readonly Pick<Field, 'names'>[]) => fields.map(({ names }) => names[0]).sort()
  expect(said(own)).toEqual(said(interfaceFields))
  for (const field of own) {
    const twin = interfaceFields.find(({ names }) => names[0] === field.names[0])
    expect([field.names, readField(field, nic as unknown as JsonObject)]).toEqual([field.names, twin?.read(nic)])
  }
})
