/** remove_<type>(name, token, recursive): what depends on it goes with it, unless told otherwise. */
import { family, type Method, textArg } from '../method.ts'
import { isTruthy } from '../value.ts'

export const removeMethods: readonly Method[] = family(
  (type) => `remove_${type}`,
  (type) => ({
    auth: 'write',
    params: ['name', 'token', 'recursive'],
    required: 2,
    call: async ({ catalog }, args) => {
      const name = textArg(args, 0, 'name')
      // What is not there is as good as removed (3.3).
      if (!catalog.get(type, name)) return true
      await catalog.remove(type, name, { recursive: args[2] === undefined || isTruthy(args[2]) })
      return true
    },
  }),
)
