/** Cobbler's interface as Python's own XML-RPC client speaks it, against a real daemon. */
import { resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'

let daemon: Daemon

beforeAll(async () => {
  await needPackages('python3')
  daemon = await startDaemon({ env: { ORCHESTRA_COBBLER__ANONYMOUS_READS: 'true' } })
})

/** What the script prints; rejects with its traceback when one of its assertions fails. */
function python(script: string, { url, password }: Daemon): Promise<string> {
  const path = resolve(import.meta.dirname, 'xmlrpc', script)
  return exec('python3', [path, url.replace('http://', ''), 'admin'], { stdin: `${password}\n`, timeout: 120_000 })
}

describe("Python's XML-RPC client", () => {
  test('does what the scripts of Cobbler users do', async () => {
    expect(await python('administrator.py', daemon)).toBe('done\n')
  })

  // On the two machines that the scripts before have left.
  test('does what the orchestra provider does, over HTTP/1.0', async () => {
    expect(await python('provider.py', daemon)).toBe('done\n')
  })

  test('does what each of the other clients does, in its own manner', async () => {
    expect(await python('clients.py', daemon)).toBe('done\n')
  })

  test('left no error and no secret in the log', () => {
    const records = daemon.records()
    expect(records.filter(({ level }) => Number(level) >= 50)).toEqual([])
    expect(daemon.log()).not.toContain('not for everyone')
    expect(daemon.log()).not.toContain(daemon.password)
    expect(records.some(({ msg, method }) => msg === 'XML-RPC call' && method === 'save_system')).toBe(true)
  })
})
