/** The power drivers of this daemon: joining is one line here. */
import type { PowerDriver } from '../driver.ts'
import { fence } from './fence.ts'
import { ipmi } from './ipmi.ts'
import { lab } from './lab.ts'
import { createManual } from './manual.ts'
import { redfish } from './redfish.ts'
import { snmpOutlets } from './snmp.ts'
import { virsh } from './virsh.ts'
import { webhook } from './webhook.ts'
import { wol } from './wol.ts'

export const POWER_DRIVERS: readonly PowerDriver[] = [
  ipmi,
  redfish,
  webhook,
  virsh,
  wol,
  snmpOutlets,
  createManual(),
  lab,
  // Last: it claims what no other has as its own.
  fence,
]
