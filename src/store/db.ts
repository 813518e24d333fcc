/**
 * The database: SQLite, one file, write-ahead log, every commit on disk before it is answered (`synchronous=FULL`).
 * Store functions take the database first, so that a transaction is passed the same way.
 */
import Database from 'better-sqlite3'
import { Kysely, type SqliteDatabase, SqliteDialect, type Transaction } from 'kysely'
import { OrchestraError } from '../model/errors.ts'
import { migrate } from './migrations.ts'
import type { Schema } from './schema.ts'

export type Db = Kysely<Schema>
export type Tx = Transaction<Schema> | Db

/** @param path of the file, or `:memory:`. Answers when all migrations have run. */
export async function openDb(path: string): Promise<Db> {
  const sqlite = new Database(path)
  sqlite.pragma('journal_mode = WAL')
  sqlite.pragma('synchronous = FULL')
  sqlite.pragma('foreign_keys = ON')
  sqlite.pragma('busy_timeout = 5000')
  const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: remembering(sqlite) }) })
  await migrate(db)
  return db
}

/** Statements and bytes of text that are worth keeping. */
const [MOST_STATEMENTS, LONGEST] = [300, 4096]

/** Keeps what was prepared: the same few statements are asked for again and again, and making one costs more than running it. */
function remembering(sqlite: Database.Database): SqliteDatabase {
  const statements = new Map<string, Database.Statement>()
  return {
    close: () => void sqlite.close(),
    prepare(text) {
      const known = statements.get(text)
      if (known) return known
      const made = sqlite.prepare(text)
      if (text.length <= LONGEST && statements.size < MOST_STATEMENTS) statements.set(text, made)
      return made
    },
  }
}

/**
 * Makes sure that one daemon at a time uses a data directory: an exclusive transaction on a file of its own, which the
 * operating system ends with the process, however that ends.
 * @throws OrchestraError config.invalid when another daemon holds it
 */
export function lockFolder(path: string): () => void {
  const lock = new Database(path)
  lock.pragma('busy_timeout = 0')
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    lock.close()
    throw new OrchestraError(
      'config.invalid',
      `another Orchestra is using this data directory (${path} is locked); stop it, or choose another with data:`,
      { cause },
    )
  }
  return () => {
    lock.exec('ROLLBACK')
    lock.close()
  }
}
