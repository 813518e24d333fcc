/** The calls that an installer makes on its way: fetch the preseed, report, turn netboot off. */
export interface Install {
  /** The preseed of a system. @throws OrchestraError item.missing | template.invalid (nothing half-rendered) */
  systemPreseed(name: string, peer: string): Promise<string>
  profilePreseed(name: string, peer: string): Promise<string>
  /** Turns netboot off; false when there is no such system. */
  disableNetboot(name: string, peer: string): Promise<boolean>
  /** Cobbler's install triggers: mode pre, post or firstboot; type system or profile. False for any other. */
  trigger(mode: string, type: string, name: string, peer: string): Promise<boolean>
  /** A word and a sentence from the installer (`partitioning`, `Installing the base system`); false for no such system. */
  progress(name: string, step: string, message: string, peer: string): Promise<boolean>
}
