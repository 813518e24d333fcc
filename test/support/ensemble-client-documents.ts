/** The two YAML documents that the Ensemble client writes: `provider-state` in the storage, and the cloud-config of a machine. */
import { parse, stringify } from 'yaml'

const KEY = 'zookeeper-instances'

/** The uids of the ZooKeepers; none for a file that is not there, is empty, or was emptied by destroy-environment. */
export function readState(bytes: Buffer | undefined): readonly string[] {
  const document: unknown = bytes === undefined ? undefined : parse(bytes.toString('utf8'))
  const uids =
    typeof document === 'object' && document !== null ? (document as Record<string, unknown>)[KEY] : undefined
  return Array.isArray(uids) ? uids.map(String) : []
}

export function writeState(uids: readonly string[]): string {
  return `${KEY}: [${uids.join(', ')}]\n`
}

/** What Ensemble puts into every machine's, and more. */
export function cloudConfig(machineId: string, zookeepers: readonly string[], more: object = {}): string {
  const document = {
    apt_update: true,
    apt_upgrade: true,
    output: { all: '| tee -a /var/log/cloud-init-output.log' },
    'machine-data': {
      'machine-id': machineId,
      'juju-provider-type': 'orchestra',
      'juju-zookeeper-hosts': zookeepers.map((name) => `${name}:2181`).join(','),
    },
    ssh_authorized_keys: [
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExample admin@example',
    ],
    ...more,
  }
  return `#cloud-config\n${stringify(document)}`
}
