/** lib/exec.ts with real programs: what comes back, what is refused, and that time and output have bounds. */
import { describe, expect, test } from 'vitest'
import { ExecError, exec } from '../../src/lib/exec.ts'

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error('it did not fail')
    },
    (error: unknown) => {
      if (error instanceof ExecError) return error
      throw error
    },
  )

describe('a program', () => {
  test('gets its arguments as they are: no shell reads them', async () => {
    const awkward = ['$HOME', '`id`', '; rm -rf x', 'a b', '*', '', '"', "'"]
    expect((await exec('printf', ['%s\\n', ...awkward])).split('\n').slice(0, -1)).toEqual(awkward)
  })

  test('reads its standard input, and may ignore it', async () => {
    expect(await exec('cat', [], { stdin: 'hello' })).toBe('hello')
    expect(await exec('cat', [])).toBe('')
    expect(await exec('true', [], { stdin: 'x'.repeat(5_000_000) })).toBe('')
  })

  test('sees PATH, the C locale and what it was given, and nothing of our own environment', async () => {
    process.env['ORCHESTRA_TEST_SECRET'] = 'secret'
    const seen = await exec('env', [], { env: { IPMI_PASSWORD: 'x' } })
    delete process.env['ORCHESTRA_TEST_SECRET']
    expect(seen).toContain('IPMI_PASSWORD=x')
    expect(seen).toContain('LC_ALL=C')
    expect(seen).not.toContain('SECRET')
  })

  test('runs where it is told', async () => {
    expect(await exec('pwd', [], { cwd: '/usr' })).toBe('/usr\n')
  })
})

describe('a failure', () => {
  test('carries the exit code and the words of the program', async () => {
    const error = await failure(exec('sh', ['-c', 'echo out; echo no such machine >&2; exit 3']))
    expect([error.code, error.stderr]).toEqual([3, 'no such machine\n'])
    expect(error.message).toBe('sh failed (3): no such machine')
  })

  test('names a program that is not installed', async () => {
    const error = await failure(exec('orchestra-no-such-program', []))
    expect(error.code).toBe('ENOENT')
    expect(error.message).toMatch(/orchestra-no-such-program/)
  })

  test('of a silent program does not tell its arguments', async () => {
    expect((await failure(exec('sh', ['-c', 'exit 4', 'name', 'hunter2']))).message).not.toContain('hunter2')
  })
})

describe('the bounds', () => {
  test('end a program that takes too long', async () => {
    const error = await failure(exec('sleep', ['60'], { timeout: 50 }))
    expect(error.message).toMatch(/^sleep failed \(killed\)/)
  })

  test('end a program that ignores the polite signal', async () => {
    await failure(exec('sh', ['-c', 'trap "" TERM; while :; do sleep 0.1; done'], { timeout: 500 }))
  }, 5000)

  test('end a program when the asker has gone', async () => {
    const asker = new AbortController()
    const running = failure(exec('sleep', ['60'], { signal: asker.signal }))
    asker.abort()
    expect((await running).code).toBe('ABORT_ERR')
  })

  test('refuse output without end', async () => {
    expect((await failure(exec('yes', []))).code).toBe('ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
  })
})
