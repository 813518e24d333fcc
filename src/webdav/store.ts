/** What the methods of WebDAV work on, and the request and answer that they turn into each other. */
import type { Readable } from 'node:stream'
import type { Clock } from '../lib/clock.ts'
import type { OpenFile } from '../lib/files.ts'
import type { Headers } from './conditions.ts'
import type { Locks } from './locks.ts'
import type { Place } from './path.ts'
import type { Quota } from './quota.ts'
import type { PropertyChange, PropertyName } from './request-xml.ts'
import type { Tree } from './tree.ts'

export interface DeadProperty extends PropertyName {
  /** The whole element. */
  readonly xml: string
}

/** Properties that mean nothing to us, kept for clients; by path. */
export interface DeadProperties {
  find(paths: readonly string[]): Promise<ReadonlyMap<string, readonly DeadProperty[]>>
  /** All of it or nothing. */
  change(path: string, changes: readonly PropertyChange[]): Promise<void>
  /** Those of a resource, and of all below it unless shallow, in place of whatever is at and below the other path. */
  copy(from: string, to: string, shallow: boolean): Promise<void>
  /** Those at and below a path. */
  remove(path: string): Promise<void>
}

export interface Store {
  readonly tree: Tree
  readonly locks: Locks
  readonly quota: Quota
  readonly properties: DeadProperties
  readonly clock: Clock
  /** Host names that are ours besides the one that was asked. */
  readonly hosts: readonly string[]
  /** What changes the tree is done one after the other, so that what was checked still holds when it is done. */
  readonly oneAtATime: <Result>(task: () => Promise<Result>) => Promise<Result>
}

export interface DavRequest {
  readonly method: string
  readonly place: Place
  /** Names in lower case. */
  readonly headers: Headers
  readonly body: Readable
  /** Says how long its body is, or that it comes in chunks. */
  readonly hasBody: boolean
  readonly isHttp10: boolean
  /** Who asks; empty: anybody. */
  readonly principal: string
}

export interface DavAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | FileBody
}

/** A part of a file: whoever sends it closes the file. */
export interface FileBody {
  readonly file: OpenFile
  readonly start: number
  readonly length: number
}

export type Method = (store: Store, request: DavRequest) => Promise<DavAnswer>
