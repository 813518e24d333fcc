/** What is asked when a machine is added, as it is sent, and as it would be typed. */

export interface EnrolForm {
  readonly name: string
  readonly mac: string
  readonly profile: string
  readonly classes: readonly string[]
  readonly netboot: boolean
  readonly powerType: string
  readonly powerAddress: string
  readonly powerUser: string
  readonly powerPass: string
  readonly powerId: string
}

export const EMPTY_FORM: EnrolForm = {
  ...{ name: '', mac: '', profile: '', classes: [], netboot: true },
  ...{ powerType: '', powerAddress: '', powerUser: '', powerPass: '', powerId: '' },
}

/** Words of `power.type`; a site has more of its own. */
export const POWER_TYPES = ['ipmilan', 'redfish', 'virsh', 'wol', 'snmp', 'webhook', 'manual', 'lab']

export function powerOf({ powerType, powerAddress, powerUser, powerPass, powerId }: EnrolForm) {
  const power = { type: powerType.trim(), address: powerAddress.trim(), user: powerUser.trim(), id: powerId.trim() }
  return powerPass === '' ? power : { ...power, pass: powerPass }
}

export function systemOf(form: EnrolForm): Readonly<Record<string, unknown>> {
  const { name, mac, profile, classes, netboot, powerType } = form
  return {
    ...{ name: name.trim(), profile, mgmtClasses: classes, netbootEnabled: netboot },
    ...(mac.trim() !== '' && { interfaces: { eth0: { macAddress: mac.trim() } } }),
    ...(powerType.trim() !== '' && { power: powerOf(form) }),
  }
}

/** Of a machine that was seen: its MAC is in the path. */
export function enrolmentOf({ name, profile, classes, netboot }: EnrolForm): Readonly<Record<string, unknown>> {
  return { name: name.trim(), ...(profile !== '' && { profile }), mgmtClasses: classes, netboot }
}

export function sameAsEnrolling(form: EnrolForm): { readonly cli: string; readonly api: string } {
  const { mac, name, profile, classes, netboot } = form
  const words = [
    ...['orchestra system enroll', mac, '--name', name || 'NAME', '--profile', profile || 'PROFILE'],
    ...(classes.length === 0 ? [] : ['--mgmt-classes', quoted(classes.join(' '))]),
    ...(netboot ? ['--netboot'] : []),
  ]
  return {
    cli: words.join(' '),
    api: `POST /api/unknown-machines/${mac}/enroll ${JSON.stringify(enrolmentOf(form))}`,
  }
}

/** No password is shown: in a shell it is read from a file. */
export function sameAs(form: EnrolForm): { readonly cli: string; readonly api: string } {
  const { name, mac, profile, classes, netboot, powerType, powerPass } = form
  const power = powerOf(form)
  const words = [
    ...['orchestra system add', '--name', name || 'NAME', '--profile', profile || 'PROFILE'],
    ...(mac === '' ? [] : ['--mac-address', mac.trim()]),
    ...(classes.length === 0 ? [] : ['--mgmt-classes', quoted(classes.join(' '))]),
    ...['--netboot-enabled', netboot ? '1' : '0'],
    ...(powerType === '' ? [] : ['--power-type', power.type, '--power-address', quoted(power.address)]),
    ...(powerType === '' || power.user === '' ? [] : ['--power-user', quoted(power.user)]),
    ...(powerType === '' || power.id === '' ? [] : ['--power-id', quoted(power.id)]),
    ...(powerType === '' || powerPass === '' ? [] : ['--power-pass-file', 'FILE']),
  ]
  const masked = systemOf({ ...form, powerPass: powerPass === '' ? '' : '…' })
  return { cli: words.join(' '), api: `POST /api/systems ${JSON.stringify(masked)}` }
}

/** Which of the form's fields a refusal is about. */
export function formField(field: string | undefined): keyof EnrolForm | undefined {
  if (field === undefined) return undefined
  if (/mac/i.test(field)) return 'mac'
  if (field.startsWith('power')) {
    const part = field.split('.')[1] ?? 'type'
    return (
      ({ address: 'powerAddress', user: 'powerUser', pass: 'powerPass', id: 'powerId' } as const)[part] ?? 'powerType'
    )
  }
  return ({ name: 'name', profile: 'profile', mgmtClasses: 'classes' } as const)[field]
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
