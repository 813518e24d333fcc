/** The WebDAV store, tied to its folder, the database and the users; undefined when it is switched off. */
import type { Settings } from '../config-schema.ts'
import type { WebDavRoutesOptions } from '../http/routes/webdav.ts'
import { systemClock as clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { OrchestraError } from '../model/errors.ts'
import { type Auth, DIGEST_REALM } from '../services/auth.ts'
import {
  changeDavProperties,
  copyDavProperties,
  findDavProperties,
  removeDavProperties,
} from '../store/dav-properties.ts'
import type { Db } from '../store/db.ts'
import { createAccess, type DavUsers } from '../webdav/access.ts'
import { openWebDav } from '../webdav/handle.ts'
import type { DeadProperties } from '../webdav/store.ts'

interface Needs {
  readonly db: Db
  readonly settings: Settings
  readonly auth: Auth
  readonly log: Log
}

/** @throws OrchestraError config.invalid when its folder cannot be used */
export async function openStore({ db, settings, auth, log }: Needs): Promise<WebDavRoutesOptions | undefined> {
  const { data, http, webdav: set } = settings
  if (!set.enabled) return undefined
  const properties: DeadProperties = {
    find: (paths) => findDavProperties(db, paths),
    change: (path, changes) => changeDavProperties(db, path, changes),
    copy: (from, to, shallow) => copyDavProperties(db, from, to, shallow),
    remove: (path) => removeDavProperties(db, path),
  }
  const webdav = await openWebDav({ data, clock, properties, quotaBytes: set.quota_bytes, url: http.url }).catch(
    (cause: Error) => Promise.reject(new OrchestraError('config.invalid', `webdav: ${cause.message}`, { cause })),
  )
  const access = createAccess({
    realm: DIGEST_REALM,
    users: usersOf(auth, log),
    clock,
    anonymousRead: set.anonymous_read,
    anonymousWrite: set.anonymous_write,
    basic: set.basic === 'on' || (set.basic === 'tls' && http.url?.startsWith('https:') === true),
  })
  return { webdav, access, log }
}

function usersOf(auth: Auth, log: Log): DavUsers {
  return {
    ha1: auth.digestHa1,
    // The store asks what a user may: a token that may less opens nothing here.
    byToken(token) {
      const identity = auth.check(token)
      return identity?.role === auth.roleOf(identity?.user ?? '') ? identity?.user : undefined
    },
    mayWrite: (user) => auth.roleOf(user) === 'operator' || auth.roleOf(user) === 'admin',
    isLimited: auth.failures.isLimited,
    succeeded: auth.failures.clear,

    async byPassword(user, password, peer) {
      try {
        await auth.verify(user, password, peer)
        return true
      } catch (error) {
        if (error instanceof OrchestraError) return false
        throw error
      }
    },

    failed(user, peer) {
      auth.failures.add(peer, user)
      if (auth.roleOf(user) === undefined || auth.digestHa1(user) !== undefined) return
      log.warn(
        { user, peer },
        'Digest is not possible for this user until the next login by password (orchestra login)',
      )
    },
  }
}
