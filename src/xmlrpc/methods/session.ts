/** Sessions: login, logout, and what a token is worth. These look at their token themselves. */
import { OrchestraError } from '../../model/errors.ts'
import { cobblerFault, invalidToken } from '../fault.ts'
import { type Context, type Method, textArg, tokenArg } from '../method.ts'
import type { Value } from '../value.ts'

const login: Method = {
  name: 'login',
  auth: 'none',
  params: ['login_user', 'login_password'],
  required: 2,
  call: ({ auth, peer }, args) => {
    const user = textArg(args, 0, 'login_user')
    // CVE-2024-47533 was a login without a name, by a "shared secret".
    if (user === '') throw new OrchestraError('auth.login', 'login failed')
    return auth.login(user, textArg(args, 1, 'login_password'), peer)
  },
}

const logout: Method = {
  name: 'logout',
  auth: 'none',
  params: ['token'],
  required: 1,
  call: ({ auth }, [token]) => auth.logout(tokenArg(token)),
}

const tokenCheck: Method = {
  name: 'token_check',
  auth: 'none',
  params: ['token'],
  required: 1,
  call: ({ auth }, [token]) => auth.check(tokenArg(token)) !== undefined,
}

const getUserFromToken: Method = {
  name: 'get_user_from_token',
  auth: 'none',
  params: ['token'],
  required: 1,
  call: ({ auth }, [token]) => {
    const identity = auth.check(tokenArg(token))
    if (!identity) throw invalidToken(tokenArg(token))
    return identity.user
  },
}

const ACCESS = { auth: 'none', params: ['token', 'resource', 'arg1', 'arg2'], required: 2 } as const

const checkAccess: Method = {
  ...ACCESS,
  name: 'check_access',
  call: (context, args) => {
    if (!isAllowed(context, args)) throw cobblerFault(`authorization failure for user ${userOf(context, args)}`)
    return true
  },
}

const checkAccessNoFail: Method = {
  ...ACCESS,
  name: 'check_access_no_fail',
  call: (context, args) => isAllowed(context, args),
}

/** Whoever has a token may read; to change things takes an operator. */
function isAllowed({ auth }: Context, [given, resource]: readonly Value[]): boolean {
  const identity = auth.check(tokenArg(given))
  if (!identity) throw invalidToken(tokenArg(given))
  return identity.role !== 'viewer' || (typeof resource === 'string' && /^(get|find|has)_/.test(resource))
}

function userOf({ auth }: Context, [given]: readonly Value[]): string {
  return auth.check(tokenArg(given))?.user ?? ''
}

/** In Cobbler for its own web interface alone, which logs in without a name. */
const getAuthnModuleName: Method = {
  name: 'get_authn_module_name',
  auth: 'token',
  params: ['token'],
  required: 1,
  call: ({ caller }) => {
    throw cobblerFault(`authorization failure for user ${caller?.user ?? ''}`)
  },
}

export const sessionMethods: readonly Method[] = [
  login,
  logout,
  tokenCheck,
  getUserFromToken,
  checkAccess,
  checkAccessNoFail,
  getAuthnModuleName,
]
