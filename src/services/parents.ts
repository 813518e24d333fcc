/** The objects that others name: whether they are there, and no object is its own ancestor. */
import type { ItemOf, ItemType } from '../model/items.ts'
import type { Fleet } from './fleet.ts'

interface Missing {
  readonly field: string
  readonly because: string
}

/** The first object that this one names and that is not there. */
export function missingParent<Type extends ItemType>(
  fleet: Fleet,
  type: Type,
  item: ItemOf[Type],
): Missing | undefined {
  switch (type) {
    case 'profile':
      return missingOfProfile(fleet, item as ItemOf['profile'])
    case 'system':
      return missingOfSystem(fleet, item as ItemOf['system'])
    case 'menu':
      return brokenLine('menu', item as ItemOf['menu'], (name) => fleet.menu.byName.get(name))
    default:
      return undefined
  }
}

function missingOfProfile(fleet: Fleet, profile: ItemOf['profile']): Missing | undefined {
  const { name, distro } = profile
  if (distro !== '' && !fleet.distro.byName.has(distro)) {
    return {
      field: 'distro',
      because: `distro "${distro}" of profile ${name} does not exist; add or import it, or choose another`,
    }
  }
  return brokenLine('profile', profile, (wanted) => fleet.profile.byName.get(wanted))
}

function missingOfSystem(fleet: Fleet, { name, profile, image }: ItemOf['system']): Missing | undefined {
  if (profile !== '' && !fleet.profile.byName.has(profile)) {
    return {
      field: 'profile',
      // The first three words are Cobbler's: its clients look for them.
      because: `invalid profile name: profile "${profile}" of system ${name} does not exist; add it or choose another`,
    }
  }
  if (image !== '' && !fleet.image.byName.has(image)) {
    return { field: 'image', because: `image "${image}" of system ${name} does not exist; add it or choose another` }
  }
  return undefined
}

interface Child {
  readonly name: string
  readonly parent: string
}

/** A line of parents that ends nowhere, or in itself. */
function brokenLine(type: string, child: Child, find: (name: string) => Child | undefined): Missing | undefined {
  for (let ancestor = child.parent; ancestor !== ''; ) {
    if (ancestor === child.name) return { field: 'parent', because: `${type} ${child.name} cannot be its own ancestor` }
    const next = find(ancestor)
    if (!next)
      return { field: 'parent', because: `${type} "${ancestor}" does not exist; add it or choose another parent` }
    ancestor = next.parent
  }
  return undefined
}
