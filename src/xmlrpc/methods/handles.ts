/** Handles: of a saved object by its name, and of one that is still to be. */
import { family, type Method, textArg } from '../method.ts'

/**
 * get_<type>_handle(name, token) does not look whether the token is good: clients fetch a handle with the empty token that
 * they start with, and log in when a change refuses it.
 */
const getHandle = family(
  (type) => `get_${type}_handle`,
  (type) => ({
    auth: 'none',
    params: ['name', 'token'],
    required: 1,
    call: ({ drafts, caller }, args) => drafts.open(type, textArg(args, 0, 'name'), caller),
  }),
)

const newOne = family(
  (type) => `new_${type}`,
  (type) => ({
    auth: 'write',
    params: ['token', 'is_subobject'],
    required: 1,
    call: ({ drafts }) => drafts.create(type),
  }),
)

/** A profile is a sub-profile by its parent; Cobbler has a door of its own for it. */
const newSubprofile: Method = {
  name: 'new_subprofile',
  auth: 'write',
  params: ['token'],
  required: 1,
  call: ({ drafts }) => drafts.create('profile'),
}

export const handleMethods: readonly Method[] = [...getHandle, ...newOne, newSubprofile]
