/**
 * No machine ever has two owners, and none is lost: 500 who want one of 100 machines, half of them clients of the old
 * protocol whose calls are mixed up with everybody else's, over the real services. A seed decides who is
 * next; a failure names it, and ORCHESTRA_SEED runs that one alone.
 */
import { beforeAll, expect, test } from 'vitest'
import type { Value } from '../../src/xmlrpc/value.ts'
import { createRandom, type Random } from '../support/random.ts'
import { aProvider, type Owner, type Stepper } from './old-provider.ts'
import { aServer, encodeCall, furnish, type TestServer } from './support.ts'

const SEEDS = 100
const MACHINES = 100
const WANTED = 500
const FREE = 'foo-available'
const TAKEN = 'foo-acquired'

const only = process.env['ORCHESTRA_SEED']
const seeds = only === undefined ? Array.from({ length: SEEDS }, (_, seed) => seed) : [Number(only)]

let server: TestServer
let tokens: string[]
beforeAll(async () => {
  server = await aServer()
  // One after the other: many logins at once look like guessing.
  tokens = []
  while (tokens.length < 40) tokens.push(await server.login())
  await furnish(server, tokens[0] ?? '')
  for (let i = 0; i < MACHINES; i++) {
    const name = `node${String(i).padStart(3, '0')}`
    await server.catalog.save('system', {
      ...server.catalog.draft('system'),
      name,
      profile: 'trixie',
      mgmtClasses: [FREE],
    })
  }
}, 60_000)

/** The text of an answer, whose few values are read without taking it apart: there are a hundred thousand of them. */
const call = async (method: string, ...args: Value[]) =>
  [...(await server.answer(encodeCall(method, args), '127.0.0.1'))].join('')

/** Who believes to have which machine, checked at every step. */
function openBook() {
  const owners = new Map<string, Owner>()
  return {
    owners,
    took(uid: string, owner: Owner): void {
      const other = owners.get(uid)
      if (other !== undefined) throw new Error(`${uid} was given to ${owner} while ${other} has it`)
      owners.set(uid, owner)
    },
    gaveBack: (uid: string) => void owners.delete(uid),
  }
}

/** Takes one through the service, as REST and the command line do; some repeat themselves with a key. */
async function* aModernClient(owner: Owner, seed: number, random: Random, took: (uid: string) => void): Stepper {
  const asker = { user: `user${owner}`, key: random.chance(0.3) ? `seed-${seed}` : undefined }
  const request = { classes: [], dryRun: false }
  // One call does what takes the others eight: all at once they would leave them nothing.
  for (let wait = random.below(20); wait > 0; wait--) yield
  const answer = await server.acquire.acquire(request, asker)
  if (!answer.ok) return
  took(answer.system.uid)
  yield
  if (asker.key !== undefined) expect(await server.acquire.acquire(request, asker)).toEqual(answer)
}

/** A few steps at once, of whoever the seed chooses, until all are done. */
async function runMixed(clients: Stepper[], random: Random, atOnce: number): Promise<void> {
  while (clients.length > 0) {
    const count = Math.min(clients.length, 1 + random.below(atOnce))
    const chosen = Array.from({ length: count }, () => clients.splice(random.below(clients.length), 1)[0])
    const going = await Promise.all(
      chosen.flatMap((client) => (client ? [client.next().then(({ done }) => (done ? [] : [client]))] : [])),
    )
    clients.push(...going.flat())
  }
}

async function putBack(): Promise<void> {
  // What clients have left half done is over.
  server.clock.at += 60_000
  for (const system of server.catalog.list('system')) {
    if (system.mgmtClasses.includes(FREE)) continue
    await server.catalog.save('system', { ...system, mgmtClasses: [FREE] })
  }
}

const withClass = (name: string) =>
  server.catalog
    .list('system')
    .filter(({ mgmtClasses }) => mgmtClasses.length === 1 && mgmtClasses.includes(name))
    .map(({ uid }) => uid)

async function runSeed(seed: number): Promise<void> {
  const random = createRandom(seed)
  await putBack()
  const book = openBook()
  // Few tokens: many clients of the old protocol then change the same draft.
  const mine = tokens.slice(0, seed % 3 === 0 ? 2 : tokens.length)
  const givesBack = seed % 2 === 1
  const clients = Array.from({ length: WANTED }, (_, owner): Stepper => {
    const took = (uid: string) => book.took(uid, owner)
    if (owner % 2 === 0) return aModernClient(owner, seed, random, took)
    const { gaveBack } = book
    const token = mine[random.below(mine.length)] ?? ''
    return aProvider({ call, token, random, pair: { available: FREE, acquired: TAKEN }, givesBack, took, gaveBack })
  })
  await runMixed(clients, random, seed % 4 < 2 ? 8 : 100)

  const owned = [...book.owners.keys()].sort()
  expect(withClass(TAKEN).sort(), 'each owner has his machine, and no machine is taken without an owner').toEqual(owned)
  expect(withClass(FREE)).toHaveLength(MACHINES - owned.length)
  // Whoever asked last found all that were free, so none was left over where none was given back.
  if (!givesBack) expect(owned).toHaveLength(MACHINES)
}

test(`of ${WANTED} who want one of ${MACHINES} machines at once each gets one of his own or none, for ${seeds.length} seeds`, async () => {
  for (const seed of seeds) {
    await runSeed(seed).catch((error: unknown) => {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error })
    })
  }
}, 300_000)
