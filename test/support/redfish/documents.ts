/**
 * The documents of a Redfish service as the DMTF's schemas (DSP2046, DSP8010) shape them: values in, JSON out. What a service
 * does with them is service.ts.
 */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json | undefined }
export type Document = { [key: string]: Json | undefined }

/** A machine of the service; tests set and read its fields. */
export interface Machine {
  readonly id: string
  name: string
  uuid: string
  manufacturer: string
  model: string
  power: 'On' | 'Off' | 'PoweringOn' | 'PoweringOff' | 'Paused'
  /** Undefined: the list is left out. */
  resetTypes: string[] | undefined
  /** The list stands in an ActionInfo instead. */
  actionInfo: boolean
  boot: { target: string; enabled: string; mode: string; targets: string[] | undefined } | undefined
  /** Boot is changed at Systems/ID/SD, as AMI and iDRAC 10 have it. */
  futureBoot: boolean
  led: 'IndicatorLED' | 'LocationIndicatorActive' | undefined
  lit: string | boolean
  watts: number
  /** EnvironmentMetrics instead of Power. */
  newMetrics: boolean
  image: string | null
  inserted: boolean
  mediaActions: boolean
  /** Counted up by every change: the ETag. */
  revision: number
}

export function aMachine(id: string, more: Partial<Machine> = {}): Machine {
  return {
    id,
    name: `System ${id}`,
    uuid: '92384634-2938-2342-8820-489239905423',
    manufacturer: 'Contoso',
    model: '3500RX',
    power: 'Off',
    resetTypes: [
      'On',
      'ForceOff',
      'GracefulShutdown',
      'GracefulRestart',
      'ForceRestart',
      'Nmi',
      'ForceOn',
      'PowerCycle',
    ],
    actionInfo: false,
    boot: {
      target: 'None',
      enabled: 'Disabled',
      mode: 'UEFI',
      targets: ['None', 'Pxe', 'Cd', 'Hdd', 'BiosSetup', 'UefiHttp'],
    },
    futureBoot: false,
    led: 'IndicatorLED',
    lit: 'Off',
    watts: 344,
    newMetrics: false,
    image: null,
    inserted: false,
    mediaActions: true,
    revision: 1,
    ...more,
  }
}

export const link = (path: string): Document => ({ '@odata.id': path })
export const ENABLED: Document = { State: 'Enabled', Health: 'OK' }

export function rootOf(vendor: string): Document {
  return {
    '@odata.id': '/redfish/v1/',
    '@odata.type': '#ServiceRoot.v1_15_0.ServiceRoot',
    Id: 'RootService',
    Name: 'Root Service',
    RedfishVersion: '1.15.0',
    UUID: '92384634-2938-2342-8820-489239905423',
    Vendor: vendor,
    Systems: link('/redfish/v1/Systems'),
    Chassis: link('/redfish/v1/Chassis'),
    Managers: link('/redfish/v1/Managers'),
    Tasks: link('/redfish/v1/TaskService'),
    SessionService: link('/redfish/v1/SessionService'),
    Links: { Sessions: link('/redfish/v1/SessionService/Sessions') },
  }
}

export function collectionOf(path: string, type: string, ids: readonly string[]): Document {
  return {
    '@odata.id': path,
    '@odata.type': `#${type}Collection.${type}Collection`,
    Name: `${type} Collection`,
    'Members@odata.count': ids.length,
    Members: ids.map((id) => link(`${path}/${id}`)),
  }
}

export function systemOf(machine: Machine): Document {
  const path = `/redfish/v1/Systems/${machine.id}`
  const reset: Document = { target: `${path}/Actions/ComputerSystem.Reset` }
  if (machine.actionInfo) reset['@Redfish.ActionInfo'] = `${path}/ResetActionInfo`
  else reset['ResetType@Redfish.AllowableValues'] = machine.resetTypes
  return {
    '@odata.id': path,
    '@odata.type': '#ComputerSystem.v1_20_0.ComputerSystem',
    Id: machine.id,
    Name: machine.name,
    UUID: machine.uuid,
    SystemType: 'Physical',
    Manufacturer: machine.manufacturer,
    Model: machine.model,
    SerialNumber: '437XR1138R2',
    BiosVersion: 'P79 v1.45',
    PowerState: machine.power,
    Status: ENABLED,
    Boot: bootOf(machine),
    ...(machine.led !== undefined && { [machine.led]: machine.lit }),
    ...(machine.futureBoot && {
      '@Redfish.Settings': { '@odata.type': '#Settings.v1_3_5.Settings', SettingsObject: link(`${path}/SD`) },
    }),
    ProcessorSummary: { Count: 2, Model: 'Multi-Core Processor', Status: ENABLED },
    MemorySummary: { TotalSystemMemoryGiB: 96, Status: ENABLED },
    Links: {
      Chassis: [link(`/redfish/v1/Chassis/${machine.id}`)],
      ManagedBy: [link('/redfish/v1/Managers/BMC')],
    },
    Actions: { '#ComputerSystem.Reset': reset },
  }
}

export function bootOf({ boot }: Machine): Document | undefined {
  if (boot === undefined) return undefined
  return {
    BootSourceOverrideEnabled: boot.enabled,
    BootSourceOverrideMode: boot.mode,
    BootSourceOverrideTarget: boot.target,
    'BootSourceOverrideTarget@Redfish.AllowableValues': boot.targets,
  }
}

export function futureOf(machine: Machine): Document {
  const path = `/redfish/v1/Systems/${machine.id}/SD`
  return {
    '@odata.id': path,
    '@odata.type': '#ComputerSystem.v1_20_0.ComputerSystem',
    Id: 'SD',
    Name: 'Future State',
    Boot: bootOf(machine),
  }
}

export function actionInfoOf({ id, resetTypes }: Machine): Document {
  return {
    '@odata.id': `/redfish/v1/Systems/${id}/ResetActionInfo`,
    '@odata.type': '#ActionInfo.v1_3_0.ActionInfo',
    Id: 'ResetActionInfo',
    Name: 'Reset Action Info',
    Parameters: [{ Name: 'ResetType', Required: true, DataType: 'String', AllowableValues: resetTypes }],
  }
}

export function managerOf(machines: readonly Machine[]): Document {
  return {
    '@odata.id': '/redfish/v1/Managers/BMC',
    '@odata.type': '#Manager.v1_19_0.Manager',
    Id: 'BMC',
    Name: 'Manager',
    ManagerType: 'BMC',
    FirmwareVersion: '1.45.455b66-rev4',
    Status: ENABLED,
    VirtualMedia: link('/redfish/v1/Managers/BMC/VirtualMedia'),
    Links: { ManagerForServers: machines.map(({ id }) => link(`/redfish/v1/Systems/${id}`)) },
  }
}

/** One slot for the first machine: a floppy and a CD, as many have. */
export function mediaOf(machine: Machine, id: 'Floppy1' | 'CD1'): Document {
  const path = `/redfish/v1/Managers/BMC/VirtualMedia/${id}`
  const isCd = id === 'CD1'
  return {
    '@odata.id': path,
    '@odata.type': '#VirtualMedia.v1_6_2.VirtualMedia',
    Id: id,
    Name: isCd ? 'Virtual CD' : 'Virtual Removable Media',
    MediaTypes: isCd ? ['CD', 'DVD'] : ['Floppy', 'USBStick'],
    Image: isCd ? machine.image : null,
    ImageName: null,
    ConnectedVia: isCd && machine.inserted ? 'URI' : 'NotConnected',
    Inserted: isCd ? machine.inserted : false,
    WriteProtected: true,
    ...(machine.mediaActions && {
      Actions: {
        '#VirtualMedia.InsertMedia': { target: `${path}/Actions/VirtualMedia.InsertMedia` },
        '#VirtualMedia.EjectMedia': { target: `${path}/Actions/VirtualMedia.EjectMedia` },
      },
    }),
  }
}

export function sessionOf(id: string, user: string): Document {
  return {
    '@odata.id': `/redfish/v1/SessionService/Sessions/${id}`,
    '@odata.type': '#Session.v1_7_0.Session',
    Id: id,
    Name: 'User Session',
    UserName: user,
  }
}

export function sessionServiceOf(): Document {
  return {
    '@odata.id': '/redfish/v1/SessionService',
    '@odata.type': '#SessionService.v1_1_9.SessionService',
    Id: 'SessionService',
    Name: 'Session Service',
    ServiceEnabled: true,
    SessionTimeout: 1800,
    Sessions: link('/redfish/v1/SessionService/Sessions'),
  }
}

export function taskOf(id: string, state: string): Document {
  return {
    '@odata.id': `/redfish/v1/TaskService/Tasks/${id}`,
    '@odata.type': '#Task.v1_7_3.Task',
    Id: id,
    Name: `Task ${id}`,
    TaskState: state,
    TaskStatus: 'OK',
    TaskMonitor: `/redfish/v1/TaskService/TaskMonitors/${id}`,
    Messages:
      state === 'Exception' ? [{ Message: 'The machine did not move.', MessageId: 'Base.1.8.GeneralError' }] : [],
  }
}

/** An error as DSP0266 has it. */
export function errorOf(id: string, message: string): Document {
  return {
    error: {
      code: `Base.1.8.${id}`,
      message: 'A general error has occurred. See ExtendedInfo for more information.',
      '@Message.ExtendedInfo': [
        {
          '@odata.type': '#Message.v1_1_1.Message',
          MessageId: `Base.1.8.${id}`,
          Message: message,
          Severity: 'Critical',
        },
      ],
    },
  }
}
