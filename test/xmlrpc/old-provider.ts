/** A client of the old protocol in steps: between any two of its calls anything may happen. */
import type { ClassPair } from '../../src/model/mgmt-class.ts'
import type { Value } from '../../src/xmlrpc/value.ts'
import type { Random } from '../support/random.ts'

export type Owner = number
/** Goes on by one call each time; ends when the client does. */
export type Stepper = AsyncGenerator<undefined, void, void>

export interface ProviderOptions {
  /** Answers the XML. */
  readonly call: (method: string, ...args: Value[]) => Promise<string>
  readonly token: string
  readonly random: Random
  readonly pair: ClassPair
  /** Some of those who got a machine give it back. */
  readonly givesBack: boolean
  readonly took: (uid: string) => void
  readonly gaveBack: (uid: string) => void
}

export async function* aProvider(options: ProviderOptions): Stepper {
  const { call, random, pair, givesBack, took, gaveBack } = options
  const { available, acquired } = pair

  const names = stringsOf(await call('find_system', { mgmt_classes: available, netboot_enabled: 'true' }))
  // The original takes the first; many look only at those that suit them.
  const from = random.chance(0.4) ? 0 : random.below(Math.max(names.length, 1))
  let seen: Seen | undefined
  for (const name of names.slice(from, from + PATIENCE)) {
    yield
    seen = readSystem(await call('get_system', name))
    if (seen && !seen.classes.includes(acquired)) break
    seen = undefined
  }
  if (!seen) return
  const { uid, name } = seen
  yield
  if (!(yield* change(options, uid, swap(seen.classes, available, acquired)))) return
  took(uid)
  if (!givesBack || !random.chance(0.5)) return

  yield
  const mine = readSystem(await call('get_system', name))
  if (!mine?.classes.includes(acquired)) throw new Error(`${uid} was taken from its owner`)
  // Before the answer: from the moment that the save is on its way, somebody else may have the machine.
  let isOnItsWay = false
  yield
  const isDone = yield* change(options, uid, swap(mine.classes, acquired, available), () => {
    isOnItsWay = true
    gaveBack(uid)
  })
  // Another with the same token had a change of his own in the way: then it is still ours.
  if (isOnItsWay && !isDone) took(uid)
}

/** False when it is refused, at whatever call. */
async function* change(
  { call, token }: ProviderOptions,
  uid: string,
  classes: readonly string[],
  beforeSave: () => void = () => {},
): AsyncGenerator<undefined, boolean, void> {
  const [name] = stringsOf(await call('find_system', { uid }))
  if (name === undefined) return false
  yield
  const [handle = ''] = stringsOf(await call('get_system_handle', name, ''))
  yield
  if (!isTrue(await call('modify_system', handle, 'mgmt_classes', [...classes], token))) return false
  yield
  beforeSave()
  return isTrue(await call('save_system', handle, token))
}

/** The original looks at all that it was told of; the more of them, the later it is. */
const PATIENCE = 8

interface Seen {
  readonly uid: string
  readonly name: string
  readonly classes: readonly string[]
}

/** Undefined for `~`: it is gone. */
function readSystem(xml: string): Seen | undefined {
  const member = (name: string) => {
    const from = xml.indexOf(`<name>${name}</name>`)
    return from < 0 ? [] : stringsOf(xml.slice(from, xml.indexOf('</member>', from)))
  }
  const [[uid], [name]] = [member('uid'), member('name')]
  return uid === undefined || name === undefined ? undefined : { uid, name, classes: member('mgmt_classes') }
}

function stringsOf(xml: string): string[] {
  return [...xml.matchAll(/<string>([^<]*)<\/string>/g)].map(([, text = '']) => text)
}

/** A refusal may read in three ways; anything else is a failure of the test. */
function isTrue(xml: string): boolean {
  if (!xml.includes('<fault>')) return xml.includes('<boolean>1</boolean>')
  if (/acquired already|changed by someone else|no changes of/.test(xml)) return false
  throw new Error(xml)
}

function swap(classes: readonly string[], from: string, to: string): string[] {
  return classes.map((name) => (name === from ? to : name))
}
