/**
 * Clients of 2011 that reach for one machine at the same time. Their protocol has no lock: whoever looks before another has
 * written sees a free machine. Exactly one may get it, the others must be told in a way that they understand, and nothing
 * of the winner's may be lost.
 */
import { beforeEach, describe, expect, test } from 'vitest'
import type { EnsembleClient } from '../support/ensemble-client.ts'
import { ProviderError } from '../support/ensemble-client-session.ts'
import { Fault, type Struct, type Value } from '../support/ensemble-client-xmlrpc.ts'
import { type Site, startSite } from './ensemble-site.ts'

/** A fault with one of these in it would be taken for something else: for a reason to log in again, or for a machine gone. */
const OTHER_MEANINGS = /invalid token|login failed|unknown system name/

let site: Site
beforeEach(async () => {
  site = await startSite(['node01', 'node02'])
})

const ACQUIRED = ['rack1', 'foo-acquired', 'ssd']

async function loses(act: Promise<unknown>): Promise<void> {
  const error = await act.then(
    () => new Error('it was given the machine'),
    (cause: unknown) => cause,
  )
  expect(error).toBeInstanceOf(Fault)
  expect(String(error)).not.toMatch(OTHER_MEANINGS)
  // The text is for a person: it says which machine and what is the matter.
  expect(String(error)).toMatch(/node0\d/)
}

/** The calls of one acquire, to be made one by one. */
async function handleFor(client: EnsembleClient, seen: Struct): Promise<Value> {
  const [name = ''] = (await client.call('find_system', { uid: seen['uid'] ?? '' })) as string[]
  return await client.callWithToken('get_system_handle', name)
}
const modify = (client: EnsembleClient, handle: Value) =>
  client.callWithToken('modify_system', handle, 'mgmt_classes', ACQUIRED)
const save = (client: EnsembleClient, handle: Value) => client.callWithToken('save_system', handle)

describe('two clients that both looked before either wrote', () => {
  let first: EnsembleClient
  let second: EnsembleClient
  let seen: Struct
  beforeEach(async () => {
    ;[first, second] = [site.client(), site.client('2012')]
    seen = await first.look()
    expect((await second.look())['name']).toBe(seen['name'])
  })

  test('and one of them finished before the other took its handle: the other is refused and takes the next', async () => {
    await first.take(seen)
    await loses(second.take(seen))
    expect((await second.launch('0', { userData: 'x', series: 'oneiric' })).name).toBe('node02')
    await expect(site.client().look()).rejects.toThrow(ProviderError)
  })

  test('and both changed before either saved: the second save is refused, and what it held is gone', async () => {
    const handles = [await handleFor(first, seen), await handleFor(second, seen)]
    for (const [at, client] of [first, second].entries()) expect(await modify(client, handles[at] ?? '')).toBe(true)
    expect(await save(first, handles[0] ?? '')).toBe(true)
    await loses(save(second, handles[1] ?? ''))
    // Whether a second save is refused too or has nothing to do: it writes nothing.
    const before = await site.system('node01')
    await save(second, handles[1] ?? '').catch(() => {})
    expect(await site.system('node01')).toEqual(before)
  })

  test('and share one token: still only one of them is told yes', async () => {
    const handle = await handleFor(first, seen)
    await modify(first, handle)
    const token = String(await first.call('login', 'cobbler', 'cobbler'))
    const shared = (method: string, ...args: Value[]) => first.call(method, handle, ...args, token)
    expect(await shared('modify_system', 'mgmt_classes', ACQUIRED)).toBe(true)
    expect(await shared('modify_system', 'mgmt_classes', ACQUIRED)).toBe(true)
    const saves = await Promise.allSettled([shared('save_system'), shared('save_system')])
    const told = saves.filter((one) => one.status === 'fulfilled' && one.value === true)
    expect(told).toHaveLength(1)
    expect((await site.system('node01')).mgmtClasses).toEqual(ACQUIRED)
  })

  test('and the winner started its machine meanwhile: what it wrote stays', async () => {
    await first.take(seen)
    const handle = await handleFor(second, seen)
    const uid = String(seen['uid'])
    const started = first.start(uid, '0', { userData: 'of the winner' })
    const lost = modify(second, handle).then(() => save(second, handle))
    await Promise.all([started, loses(lost)])
    expect(await site.system('node01')).toMatchObject({
      mgmtClasses: ACQUIRED,
      meta: { keep: 'me', MACHINE_ID: '0', USER_DATA_BASE64: Buffer.from('of the winner').toString('base64') },
    })
  })

  test('and the winner gave the machine back since: it is free again, and the late one may have it', async () => {
    const uid = await first.take(seen)
    await first.release(uid)
    expect(await second.take(seen)).toBe(uid)
  })
})

test('one client has a name of the acquired class in another order or twice: it is refused all the same', async () => {
  const [winner, late] = [site.client(), site.client()]
  const seen = await winner.look()
  await winner.take(seen)
  for (const classes of [['foo-acquired'], ['ssd', 'foo-acquired', 'rack1'], ['foo-acquired', 'foo-acquired']]) {
    const handle = await handleFor(late, seen)
    await late.callWithToken('modify_system', handle, 'mgmt_classes', classes).catch(() => {})
    await save(late, handle).catch(() => {})
    expect((await site.system('node01')).mgmtClasses).toEqual(ACQUIRED)
  }
})

const AT_ONCE = 40

test('forty clients, again and again, and twelve machines: each machine has one owner, and none is lost', async () => {
  const more = Array.from({ length: 10 }, (_, at) => `node${at + 10}`)
  for (const name of more) await site.addSystem(name)
  const clients = Array.from({ length: AT_ONCE }, () => site.client())
  const taken = await Promise.all(clients.map(takeAll))
  expect(taken.flat().toSorted()).toEqual(['node01', 'node02', ...more].toSorted())
  for (const [at, names] of taken.entries()) {
    for (const name of names) {
      const { mgmtClasses, meta } = await site.system(name)
      expect(mgmtClasses).toEqual(ACQUIRED)
      // The owner's data, not another's.
      expect(meta['USER_DATA_BASE64']).toBe(Buffer.from(`of ${at}`).toString('base64'))
    }
  }
})

/** Again and again, as a person would call it, until none is free. Answers the machines' names. */
async function takeAll(client: EnsembleClient, number: number): Promise<string[]> {
  const names: string[] = []
  while (true) {
    try {
      names.push((await client.launch(String(number), { userData: `of ${number}` })).name)
    } catch (error) {
      if (error instanceof ProviderError && error.message.startsWith('no system is')) return names
      if (!(error instanceof Fault) || OTHER_MEANINGS.test(error.message)) throw error
    }
  }
}
