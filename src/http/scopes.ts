/** What the scopes of a token open that are not a role: a few calls each, whose role the user must have all the same. */
import type { Scope } from '../services/auth-tokens.ts'

export const CALLS_OF_SCOPE: Readonly<Partial<Record<Scope, readonly string[]>>> = {
  power: [
    'GET /api/power',
    'POST /api/power',
    'GET /api/systems/:name/power',
    'POST /api/systems/:name/power',
    'DELETE /api/systems/:name/power',
    'POST /api/systems/:name/power/test',
    'POST /api/systems/:name/power/confirm',
    'POST /api/systems/:name/power/identify',
    'GET /api/tasks/:id',
    'DELETE /api/tasks/:id',
  ],
  acquire: ['POST /api/acquire', 'POST /api/systems/:name/release'],
}

export function isOpenedBy(scopes: readonly Scope[], method: string, url: string): boolean {
  const call = `${method === 'HEAD' ? 'GET' : method} ${url}`
  return scopes.some((scope) => CALLS_OF_SCOPE[scope]?.includes(call))
}
