/** What a lab is made of, whatever makes it: the verbs of `orchestra devenv`, each of which may be said twice. */
import type { Duplex } from 'node:stream'
import type { LabNode, PowerOfYourOwn } from './settings.ts'

export type Say = (sentence: string) => void

export interface LabStatus {
  /** Whether the network, the server and the machines are there. */
  readonly isUp: boolean
  /** Where Orchestra answers from this host; undefined when it does not. */
  readonly url: string | undefined
  /** Where its files are. */
  readonly folder: string | undefined
  readonly nodes: readonly {
    readonly name: string
    readonly mac: string
    readonly ip: string
    /** `absent`: the lab is down. */
    readonly power: 'on' | 'off' | 'absent'
  }[]
}

/** Who may ask the lab's Orchestra, as its administrator. */
export interface LabLogin {
  /** Reached from this host. */
  readonly url: string
  readonly user: string
  readonly password: string
}

/** Something that is needed, and what to do when it is missing. */
export interface Finding {
  readonly what: string
  readonly isGood: boolean
  /** How it is, or what to do about it. */
  readonly because: string
}

export interface Backend {
  check(): Promise<readonly Finding[]>
  up(say: Say): Promise<void>
  down(say: Say): Promise<void>
  status(): Promise<LabStatus>
  power(node: LabNode, to: 'on' | 'off', say: Say): Promise<void>
  /** @throws Error when the machine is off */
  console(node: LabNode): Promise<Duplex>
  /** How to look at the screen: one line for each way. */
  vnc(node: LabNode): Promise<readonly string[]>
  /** Off, with an empty disk. */
  reset(node: LabNode, say: Say): Promise<void>
  /** How Orchestra turns this machine on. */
  powerOf(node: LabNode): Promise<PowerOfYourOwn>
  /** @throws Error when the lab is down, or its server is not ours to know */
  login(): Promise<LabLogin>
  /** The path of a file for a shell, after which the command line is its administrator. @throws Error as login */
  env(): Promise<string>
}
