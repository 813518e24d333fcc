/** Templates on the command line, against the real application. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type TestApp, testApp } from '../http/test-app.ts'
import { testCli } from './run.ts'

let it: TestApp
let orchestra: Awaited<ReturnType<typeof testCli>>['orchestra']
beforeEach(async () => {
  it = await testApp()
  orchestra = (await testCli(it)).orchestra
})
afterEach(() => it.close())

const SEED = 'preseeds/default.seed'
const silent = { code: 0, out: '', err: '' }
const files = { good: 'd-i a/b string {{hostname}}\n', bad: '# a\n# {{nobody}}\n' }

test('list tells where each comes from, and who uses it', async () => {
  const { out } = await orchestra('template list')
  expect(out).toMatch(/^preseeds\/default\.seed +built-in +handlebars +profile debian-13, preseeds\/juju\.seed$/m)
})

test('lint names the line, and its exit code says whether it would be saved', async () => {
  expect(await orchestra(`template lint ${SEED}`)).toEqual(silent)
  const bad = await orchestra(`template lint ${SEED} --file bad`, { files })
  expect(bad).toEqual({ code: 2, out: 'bad:2: error: "nobody" is not defined (profile debian-13)\n', err: '' })
})

test('preview prints what the machine would be given', async () => {
  const made = await orchestra(`template preview ${SEED} --file good --profile debian-13`, { files })
  expect(made).toEqual({ code: 0, out: 'd-i a/b string new-machine\n', err: '' })
  const bad = await orchestra(`template preview ${SEED} --file bad`, { files })
  expect(bad).toMatchObject({ code: 2, out: '', err: expect.stringContaining('bad:2: error') })
})

test('save puts it in its place, history has it, reset takes it back', async () => {
  expect(await orchestra(`template save ${SEED} --file bad`, { files })).toMatchObject({
    code: 1,
    err: expect.stringContaining('line 2: "nobody" is not defined'),
  })
  const { revision } = JSON.parse((await orchestra(`template show ${SEED} --json`)).out)
  const save = `template save ${SEED} --file good --revision ${revision} --comment short`
  expect(await orchestra(save, { files })).toEqual(silent)
  expect((await orchestra(`template show ${SEED}`)).out).toBe(files.good)
  expect(await orchestra(save, { files: { good: '# x\n' } })).toMatchObject({ code: 1 })
  expect((await orchestra(`template history ${SEED}`)).out).toMatch(
    /^2 {2}2023-11-14 22:13 {2}admin {2}1 lines {2}short\n1 {2}2023-11-14 22:13 {2}- {2}\d+ lines {2}built in\n$/,
  )
  expect((await orchestra(`template show ${SEED} --version 1`)).out).toBe(
    (await orchestra(`template show ${SEED} --built-in`)).out,
  )
  expect((await orchestra('events')).out).toContain(`${SEED}  template changed by admin`)
  expect(await orchestra(`template reset ${SEED}`)).toEqual(silent)
  expect(await orchestra(`template reset ${SEED}`)).toMatchObject({ code: 1, err: expect.stringContaining('built in') })
})

test('is for admins, but to read', async () => {
  const denied = await orchestra(`template save ${SEED} --file good`, { files, role: 'operator' })
  expect(denied).toMatchObject({ code: 1, err: expect.stringContaining('needs admin') })
  expect((await orchestra(`template show ${SEED}`, { role: 'viewer' })).code).toBe(0)
})
