/** The quick way to the data directory beside the daemon's own: they must never disagree. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findDataFolder } from '../../src/cli/local.ts'
import { loadConfig } from '../../src/config.ts'
import { readTextBelow } from '../../src/lib/files.ts'
import { temporaryFolder } from '../support/daemon.ts'

const isRoot = process.getuid?.() === 0
const folder = temporaryFolder()

/** Reads files below one folder only, so that no configuration of this machine takes part. */
function quickly(env: Record<string, string | undefined>): Promise<string | undefined> {
  const read = async (path: string) =>
    path.startsWith(folder) ? readTextBelow(folder, path.slice(folder.length + 1)) : undefined
  return findDataFolder({ env, isRoot, home: homedir, read })
}

describe('the data directory', () => {
  test.each([
    ['data: /srv/one', {}],
    ['# data: /srv/no\nlog: { level: info }', {}],
    ['{ "data": "/srv/two", log: { level: warn } }', {}],
    ['data: /srv/one', { ORCHESTRA_DATA: '/srv/three' }],
    ['http: { listen: ":80" }', { XDG_DATA_HOME: '/srv/home' }],
    ['', {}],
  ])('of %j with %j is where the daemon keeps it', async (yaml, more) => {
    const file = join(folder, 'orchestra.yaml')
    mkdirSync(folder, { recursive: true })
    writeFileSync(file, yaml)
    const env = { ORCHESTRA_CONFIG: file, ...more }
    const loaded = loadConfig(undefined, env)
    expect(await quickly(env)).toBe(loaded.ok ? loaded.settings.data : 'a good configuration')
  })

  test('of a configuration that nobody can read is the default one', async () => {
    const file = join(folder, 'broken.yaml')
    writeFileSync(file, 'data: [')
    const fallback = await quickly({})
    expect(await quickly({ ORCHESTRA_CONFIG: file })).toBe(fallback)
    expect(fallback).toMatch(/\/orchestra$/)
  })
})
