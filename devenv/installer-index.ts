/**
 * The archive as the debian-installer must see it: a mirror may hold an index of the installer's parts that is not the one which
 * its Release file names, or a signature of another day. Then the lab's mirror gives the installer a Release of its own that
 * names what is there, unsigned; apt in the installed system gets the archive's own, and checks its signature as ever.
 */
import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { EnvHttpProxyAgent, request } from 'undici'

export interface InstallerIndex {
  /** Stanzas of all udebs that the archive names. */
  readonly text: string
  /** What the installer gets in place of the archive's files, by path below the archive; undefined: there is no such file. */
  readonly amended: ReadonlyMap<string, Buffer | undefined>
}

const UDEBS = 'main/debian-installer/binary-amd64/Packages'

/** @throws Error when the archive does not have the suite */
export async function readInstallerIndex(mirror: string, suite: string): Promise<InstallerIndex> {
  const dispatcher = new EnvHttpProxyAgent()
  const get = async (path: string) => {
    const { statusCode, body } = await request(`${mirror}/dists/${suite}/${path}`, { dispatcher })
    const bytes = Buffer.from(await body.arrayBuffer())
    if (statusCode !== 200) throw new Error(`${mirror}/dists/${suite}/${path} answered ${statusCode}`)
    return bytes
  }
  const [release, index] = await Promise.all([get('Release'), get(`${UDEBS}.gz`)]).finally(() => dispatcher.close())
  const text = gunzipSync(index).toString()
  if (release.includes(hashOf('sha256', index))) return { text, amended: new Map() }
  const at = `/dists/${suite}`
  return {
    text,
    amended: new Map([
      [`${at}/Release`, amendRelease(release.toString(), index)],
      [`${at}/Release.gpg`, undefined],
      [`${at}/InRelease`, undefined],
      [`${at}/${UDEBS}.gz`, index],
      [`${at}/${UDEBS}.xz`, undefined],
    ]),
  }
}

/** With the udebs' index as it is, and in no other form. */
export function amendRelease(release: string, index: Buffer): Buffer {
  let algorithm = ''
  const lines = release.split('\n').flatMap((line) => {
    algorithm = /^(MD5Sum|SHA1|SHA256):/.exec(line)?.[1] ?? algorithm
    if (!line.startsWith(' ') || !line.includes(` ${UDEBS}`)) return [line]
    if (!line.endsWith(`${UDEBS}.gz`)) return []
    return [` ${hashOf(algorithm.replace('Sum', '').toLowerCase(), index)} ${index.length} ${UDEBS}.gz`]
  })
  return Buffer.from(lines.join('\n'))
}

function hashOf(algorithm: string, bytes: Buffer): string {
  return createHash(algorithm).update(bytes).digest('hex')
}
