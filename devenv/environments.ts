/** The environments.yaml with which an Ensemble or Juju client of 2011 or 2012 bootstraps in the lab. */
import { randomBytes } from 'node:crypto'
import { CLASSES, LAB_USER, type ProfileName } from './nodes.ts'
import { seriesOf } from './profiles.ts'

/** @param server its address */
export function environments(server: string, password: string, profile: ProfileName): string {
  return `environments:
  lab:
    type: orchestra
    orchestra-server: ${server}
    orchestra-user: ${LAB_USER}
    orchestra-pass: ${JSON.stringify(password)}
    acquired-mgmt-class: ${CLASSES.acquired}
    available-mgmt-class: ${CLASSES.available}
    admin-secret: ${randomBytes(16).toString('hex')}
    default-series: ${seriesOf(profile)}
`
}
