/** save_<type>(handle, token, editmode): what was modified becomes the object, or a fault says that someone was faster. */
import { callerOf, family, type Method, textArg } from '../method.ts'

export const saveMethods: readonly Method[] = family(
  (type) => `save_${type}`,
  (type) => ({
    auth: 'write',
    params: ['handle', 'token', 'editmode'],
    required: 2,
    before: ({ drafts }, args) => drafts.find(type, textArg(args, 0, 'handle')),
    call: async (context, args) => {
      await context.drafts.save(type, textArg(args, 0, 'handle'), callerOf(context), args[2] === 'new')
      return true
    },
  }),
)
