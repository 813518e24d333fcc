/**
 * One command of the Ensemble client as a program of its own, to be run where its server is (see Lab.run): what to do comes
 * as JSON on standard input, what came of it goes as JSON to standard output.
 */
import { text } from 'node:stream/consumers'
import { type Environment, ensembleClient, type Generation } from '../support/ensemble-client.ts'

export interface Errand {
  readonly command: 'bootstrap' | 'deploy' | 'status' | 'terminate' | 'destroy-environment'
  readonly generation: Generation
  readonly environment: Environment
  readonly machineId?: string
  readonly series?: string
  /** In base64: it may be no text. */
  readonly userData?: string
  readonly uids?: readonly string[]
}

if (import.meta.main) {
  process.stdout.write(JSON.stringify((await run(JSON.parse(await text(process.stdin)) as Errand)) ?? null))
}

async function run(errand: Errand): Promise<unknown> {
  const client = ensembleClient(errand)
  const launch = {
    userData: Buffer.from(errand.userData ?? '', 'base64'),
    ...(errand.series && { series: errand.series }),
  }
  switch (errand.command) {
    case 'bootstrap':
      return await client.bootstrap(launch)
    case 'deploy':
      return await client.deploy(errand.machineId ?? '', launch)
    case 'status':
      return await client.status()
    case 'terminate':
      return await client.terminate(...(errand.uids ?? []))
    case 'destroy-environment':
      return await client.destroyEnvironment()
  }
}
