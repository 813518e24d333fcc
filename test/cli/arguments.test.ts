/** The options of every command, wherever they stand in the line. */
import { describe, expect, test } from 'vitest'
import { takeArguments } from '../../src/cli/arguments.ts'

const nothing = { server: undefined, tokenFile: undefined, json: false }
const take = (line: string, name = 'orchestra') => takeArguments(line.split(' '), name)

describe('the options of every command', () => {
  test.each([
    ['list', { rest: ['list'] }],
    ['--server a list', { server: 'a', rest: ['list'] }],
    ['list --server=a=b', { server: 'a=b', rest: ['list'] }],
    ['system add --name=x --json --token-file f', { json: true, tokenFile: 'f', rest: ['system', 'add', '--name=x'] }],
    ['system add --server=a', { server: 'a', rest: ['system', 'add'] }],
    ['system add --servers=a --jsonx', { rest: ['system', 'add', '--servers=a', '--jsonx'] }],
    ['__complete -- system --server', { rest: ['__complete', '--', 'system', '--server'] }],
  ])('are taken out of "%s"', (line, expected) => {
    expect(take(line)).toEqual({ ...nothing, ...expected })
  })

  test.each([
    ['system add --server=a', { rest: ['system', 'add', '--server=a'] }],
    ['profile edit --name=p --server a', { rest: ['profile', 'edit', '--name=p', '--server', 'a'] }],
    ['--server a system add --server=b', { server: 'a', rest: ['system', 'add', '--server=b'] }],
    ['distro add --server=a', { server: 'a', rest: ['distro', 'add'] }],
    ['system list --server=a', { server: 'a', rest: ['system', 'list'] }],
  ])('called as cobbler, leave "%s" to Cobbler', (line, expected) => {
    expect(take(line, 'cobbler')).toEqual({ ...nothing, ...expected })
  })

  test('need their values', () => {
    expect(() => take('list --server')).toThrow('--server needs a value')
  })
})
