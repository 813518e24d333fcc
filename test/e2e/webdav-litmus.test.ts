/** litmus, the test suite of WebDAV servers, in full: class 1 and 2, with Digest. */
import { beforeAll, describe, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import { type Daemon, startDaemon, temporaryFolder } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'

/** How many tests each suite has in Debian 12; a later litmus may have more. */
const SUITES = { basic: 16, copymove: 13, props: 30, locks: 41, http: 4 }

let daemon: Daemon
beforeAll(async () => {
  await needPackages('litmus')
  daemon = await startDaemon()
})

describe('litmus', () => {
  test.each(Object.entries(SUITES))('passes %s, all %i of it, without a warning', async (suite, least) => {
    // It keeps a log where it stands. -k: the exit code says nothing, the summary all.
    const output = await exec('litmus', ['-k', `${daemon.url}/webdav/`, 'admin', daemon.password], {
      ...{ env: { TESTS: suite }, cwd: temporaryFolder(), timeout: 120_000 },
    })
    const summary = /<- summary for `(\w+)': of (\d+) tests run: (\d+) passed, (\d+) failed\. ([\d.]+)%/.exec(output)
    expect(summary?.slice(1), output).toEqual([suite, expect.anything(), summary?.[2], '0', '100.0'])
    expect(Number(summary?.[2])).toBeGreaterThanOrEqual(least)
    expect(output.split('\n').filter((line) => /WARNING|warnings? (was|were) issued|SKIPPED/.test(line))).toEqual([])
  })
})
