/** modify_<type>(handle, attribute, value, token): one change on a draft. */
import { findAttribute } from '../attributes.ts'
import { areClasses } from '../fields.ts'
import { callerOf, family, type Method, textArg } from '../method.ts'

export const modifyMethods: readonly Method[] = family(
  (type) => `modify_${type}`,
  (type) => ({
    auth: 'write',
    params: ['handle', 'attribute', 'value', 'token'],
    required: 4,
    before: ({ drafts }, args) => drafts.find(type, textArg(args, 0, 'handle')),
    call: (context, args) => {
      const field = textArg(args, 1, 'attribute')
      const value = args[2] ?? null
      const set = findAttribute(type, field)
      // No fault: Cobbler says False to what it does not know, and clients stop there.
      if (!set) return false
      const apply = (item: Parameters<typeof set>[0]) => set(item, value, context)
      const edit = { field, apply, writesClasses: areClasses(type, field) }
      context.drafts.edit(type, textArg(args, 0, 'handle'), callerOf(context), edit)
      return true
    },
  }),
)
