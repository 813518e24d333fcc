/** Which snippet a name means: the system's own, then the profile's, then the distro's, then everybody's (as in Cobbler). */
import { Fault } from './expression/fault.ts'
import type { Value } from './expression/value.ts'

export interface Snippet {
  readonly file: string
  readonly text: string
}

export interface Snippets {
  readonly find: (name: string) => Snippet | undefined
  /** @throws Fault when there is none: Cobbler writes a comment instead, and installs a machine without what it was to say. */
  readonly get: (name: string) => Snippet
}

const OWNERS = ['system', 'profile', 'distro']

/** @param read by path below the folder of snippets */
export function snippetsOf(read: (path: string) => Snippet | undefined, data: ReadonlyMap<string, Value>): Snippets {
  function find(name: string): Snippet | undefined {
    if (!isPath(name)) throw new Fault(`"${name}" is no name of a snippet`)
    for (const path of pathsOf(name, data)) {
      const found = read(path)
      if (found) return found
    }
    return undefined
  }

  return {
    find,
    get(name) {
      const found = find(name)
      if (found) return found
      const paths = pathsOf(name, data).map((path) => `snippets/${path}`)
      throw new Fault(`there is no snippet "${name}" (looked for ${paths.join(', ')})`)
    },
  }
}

function pathsOf(name: string, data: ReadonlyMap<string, Value>): string[] {
  const own = OWNERS.flatMap((owner) => {
    const of = data.get(`${owner}_name`)
    return typeof of === 'string' && isPath(of) ? [`per_${owner}/${name}/${of}`] : []
  })
  return [...own, name]
}

/** The one who reads files has checks of its own; a name of a snippet is none that needs them. */
function isPath(name: string): boolean {
  return /^[A-Za-z0-9_.:+-]+(\/[A-Za-z0-9_.:+-]+)*$/.test(name) && !/(^|\/)\.\.?(\/|$)/.test(name)
}
