/** The REST API of a daemon that is in a network namespace: asked from in there, by curl. */
import type { Daemon } from './daemon.ts'
import type { Namespace } from './namespace.ts'

/** A login takes its time: one for each daemon. */
const tokens = new WeakMap<Daemon, Promise<string>>()

type Method = 'GET' | 'POST' | 'PATCH'

/** @param isStrict a refusal is an error; else it is an answer like any other */
export async function callInside(
  namespace: Namespace,
  daemon: Daemon,
  [method, path, body]: readonly [method: Method, path: string, body?: unknown],
  isStrict = true,
): Promise<unknown> {
  const token = tokens.get(daemon) ?? daemon.token()
  tokens.set(daemon, token)
  const headers = ['-H', `Authorization: Bearer ${await token}`, '-H', 'Content-Type: application/json']
  const data = body === undefined ? [] : ['--data-binary', '@-']
  const how = isStrict ? '-sSf' : '-sS'
  const answer = await namespace.exec('curl', [how, '-X', method, ...headers, ...data, `${daemon.url}${path}`], {
    ...(body !== undefined && { stdin: JSON.stringify(body) }),
  })
  return JSON.parse(answer)
}
