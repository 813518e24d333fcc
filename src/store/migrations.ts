/** The steps from an empty database to today's schema: numbered, forward only, each in a transaction. */
import { type Kysely, sql } from 'kysely'
import type { Schema } from './schema.ts'

type Step = (db: Kysely<Schema>) => Promise<unknown>

/** Never change a step that was released: add one. */
const STEPS: readonly Step[] = [
  async (db) => {
    await db.schema
      .createTable('item')
      .addColumn('uid', 'text', (column) => column.primaryKey())
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('revision', 'integer', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .addUniqueConstraint('item_name', ['type', 'name'])
      .execute()
    await db.schema
      .createTable('mac')
      .addColumn('mac', 'text', (column) => column.primaryKey())
      .addColumn('uid', 'text', (column) =>
        column.notNull().references('item.uid').onDelete('cascade').onUpdate('cascade'),
      )
      .execute()
    await db.schema
      .createTable('lease')
      .addColumn('ip', 'text', (column) => column.primaryKey())
      .addColumn('mac', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('expires', 'bigint', (column) => column.notNull())
      .addColumn('hostname', 'text', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('user')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('token')
      .addColumn('hash', 'text', (column) => column.primaryKey())
      .addColumn('user', 'text', (column) => column.notNull().references('user.name').onDelete('cascade'))
      .addColumn('expires', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('event')
      .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('payload', 'text', (column) => column.notNull())
      .execute()
  },
  // Each save takes the MACs that a system had: without this, by looking at those of all the others.
  async (db) => db.schema.createIndex('mac_uid').on('mac').column('uid').execute(),
  async (db) => {
    // HA1 of HTTP Digest, sealed: only the old clients of the WebDAV store need it.
    await db.schema
      .alterTable('user')
      .addColumn('digest', 'text', (column) => column.notNull().defaultTo(''))
      .execute()
    await db.schema
      .createTable('idempotency')
      .addColumn('key', 'text', (column) => column.primaryKey())
      .addColumn('request', 'text', (column) => column.notNull())
      .addColumn('answer', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('standing')
      .addColumn('uid', 'text', (column) =>
        column.primaryKey().references('item.uid').onDelete('cascade').onUpdate('cascade'),
      )
      .addColumn('body', 'text', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('metadata_token')
      .addColumn('hash', 'text', (column) => column.primaryKey())
      .addColumn('uid', 'text', (column) =>
        column.notNull().references('item.uid').onDelete('cascade').onUpdate('cascade'),
      )
      .addColumn('body', 'text', (column) => column.notNull())
      .addColumn('expires', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('install_log')
      .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('uid', 'text', (column) =>
        column.notNull().references('item.uid').onDelete('cascade').onUpdate('cascade'),
      )
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('severity', 'integer', (column) => column.notNull())
      .addColumn('app', 'text', (column) => column.notNull())
      .addColumn('message', 'text', (column) => column.notNull())
      .execute()
    await db.schema.createIndex('install_log_uid').on('install_log').columns(['uid', 'id']).execute()
    await db.schema
      .createTable('dav_property')
      .addColumn('path', 'text', (column) => column.notNull())
      .addColumn('namespace', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('xml', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('dav_property_key', ['path', 'namespace', 'name'])
      .execute()
  },
  async (db) => {
    await db.schema
      .alterTable('user')
      .addColumn('revision', 'integer', (column) => column.notNull().defaultTo(1))
      .execute()
    await db.schema
      .createTable('api_token')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('hash', 'text', (column) => column.notNull().unique())
      .addColumn('user', 'text', (column) => column.notNull().references('user.name').onDelete('cascade'))
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('scopes', 'text', (column) => column.notNull())
      .addColumn('made', 'bigint', (column) => column.notNull())
      .addColumn('expires', 'bigint')
      .addColumn('used', 'bigint')
      .execute()
    await db.schema
      .createTable('audit')
      .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('user', 'text', (column) => column.notNull())
      .addColumn('peer', 'text', (column) => column.notNull())
      .addColumn('door', 'text', (column) => column.notNull())
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('fields', 'text', (column) => column.notNull())
      .addColumn('outcome', 'text', (column) => column.notNull())
      .execute()
  },
  async (db) => {
    await db.schema
      .createTable('boot_attempt')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('mac', 'text', (column) => column.notNull())
      .addColumn('uid', 'text')
      .addColumn('started', 'bigint', (column) => column.notNull())
      .addColumn('ended', 'bigint')
      .addColumn('body', 'text', (column) => column.notNull())
      .execute()
    await db.schema.createIndex('boot_attempt_mac').on('boot_attempt').columns(['mac', 'id']).execute()
    await db.schema.createIndex('boot_attempt_uid').on('boot_attempt').columns(['uid', 'id']).execute()
  },
  async (db) =>
    db.schema
      .createTable('webhook')
      .addColumn('key', 'text', (column) => column.primaryKey())
      .addColumn('position', 'bigint', (column) => column.notNull())
      .execute(),
  async (db) =>
    db.schema
      .createTable('template_version')
      .addColumn('path', 'text', (column) => column.notNull())
      .addColumn('version', 'integer', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('user', 'text')
      .addColumn('comment', 'text', (column) => column.notNull())
      .addColumn('text', 'text')
      .addPrimaryKeyConstraint('template_version_key', ['path', 'version'])
      .execute(),
  async (db) =>
    db.schema
      .createTable('sent_preseed')
      .addColumn('uid', 'text', (column) =>
        column.primaryKey().references('item.uid').onDelete('cascade').onUpdate('cascade'),
      )
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('boot', 'bigint')
      .addColumn('text', 'text', (column) => column.notNull())
      .addColumn('masked', 'text', (column) => column.notNull())
      .execute(),
  async (db) => {
    await db.schema
      .createTable('boot_packets')
      .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('boot', 'integer', (column) => column.notNull().references('boot_attempt.id').onDelete('cascade'))
      .addColumn('bytes', 'integer', (column) => column.notNull())
      .addColumn('dropped', 'integer', (column) => column.notNull())
      .addColumn('body', 'blob', (column) => column.notNull())
      .execute()
    await db.schema.createIndex('boot_packets_boot').on('boot_packets').columns(['boot', 'id']).execute()
  },
  async (db) => {
    await db.schema
      .createTable('job')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('started', 'bigint', (column) => column.notNull())
      .addColumn('ended', 'bigint')
      .addColumn('body', 'text', (column) => column.notNull())
      .addColumn('results', 'text', (column) => column.notNull())
      .addColumn('lines', 'text', (column) => column.notNull())
      .execute()
    await db.schema.createIndex('job_started').on('job').columns(['started', 'id']).execute()
    await db.schema.createIndex('job_kind').on('job').columns(['kind', 'started', 'id']).execute()
  },
  // Cobbler's fields that were only kept, and are acted on since.
  async (db) => {
    for (const [name, field] of [
      ['boot_loaders', 'bootLoaders'],
      ['filename', 'filename'],
    ] as const) {
      const [kept, own] = [`$.other.${name}`, `$.${field}`]
      await sql`update item set body = json_remove(json_set(body, ${own}, json_extract(body, ${kept})), ${kept})
        where type in ('distro', 'profile', 'system') and json_type(body, ${kept}) in ('array', 'text')`.execute(db)
    }
  },
]

export async function migrate(db: Kysely<Schema>): Promise<void> {
  await sql`create table if not exists schema_version (version integer not null)`.execute(db)
  const { rows } = await sql<{ version: number }>`select version from schema_version`.execute(db)
  const done = rows[0]?.version ?? 0
  if (done > STEPS.length) {
    throw new Error(
      `the database is of a newer Orchestra (schema ${done}, this one knows ${STEPS.length}); run that version`,
    )
  }
  for (const [index, step] of STEPS.entries()) {
    if (index < done) continue
    await db.transaction().execute(async (tx) => {
      await step(tx)
      await sql`delete from schema_version`.execute(tx)
      await sql`insert into schema_version (version) values (${index + 1})`.execute(tx)
    })
  }
}
