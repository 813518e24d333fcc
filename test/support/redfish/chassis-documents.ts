/** The documents of a Redfish chassis: what it is, what it draws, how warm it is; in the old form and in the new. */
import { type Document, ENABLED, link, type Machine } from './documents.ts'

export function chassisOf({ id, newMetrics, power }: Machine): Document {
  const path = `/redfish/v1/Chassis/${id}`
  return {
    '@odata.id': path,
    '@odata.type': '#Chassis.v1_23_0.Chassis',
    Id: id,
    Name: 'Computer System Chassis',
    ChassisType: 'RackMount',
    PowerState: power,
    Status: ENABLED,
    ...(newMetrics
      ? { EnvironmentMetrics: link(`${path}/EnvironmentMetrics`) }
      : { Power: link(`${path}/Power`), Thermal: link(`${path}/Thermal`) }),
    Links: { ComputerSystems: [link(`/redfish/v1/Systems/${id}`)], ManagedBy: [link('/redfish/v1/Managers/BMC')] },
  }
}

export function environmentOf({ id, watts }: Machine): Document {
  return {
    '@odata.id': `/redfish/v1/Chassis/${id}/EnvironmentMetrics`,
    '@odata.type': '#EnvironmentMetrics.v1_3_0.EnvironmentMetrics',
    Id: 'EnvironmentMetrics',
    Name: 'Chassis Environment Metrics',
    TemperatureCelsius: { Reading: 23.5 },
    PowerWatts: { Reading: watts },
  }
}

export function powerOf({ id, watts }: Machine): Document {
  const path = `/redfish/v1/Chassis/${id}/Power`
  return {
    '@odata.id': path,
    '@odata.type': '#Power.v1_7_1.Power',
    Id: 'Power',
    Name: 'Power',
    PowerControl: [
      {
        '@odata.id': `${path}#/PowerControl/0`,
        MemberId: '0',
        Name: 'Server Power Control',
        PowerConsumedWatts: watts,
        PowerCapacityWatts: 800,
      },
    ],
  }
}

export function thermalOf({ id }: Machine): Document {
  const path = `/redfish/v1/Chassis/${id}/Thermal`
  return {
    '@odata.id': path,
    '@odata.type': '#Thermal.v1_7_1.Thermal',
    Id: 'Thermal',
    Name: 'Thermal',
    Temperatures: [
      {
        '@odata.id': `${path}#/Temperatures/0`,
        MemberId: '0',
        Name: 'CPU1 Temp',
        ReadingCelsius: 41,
        PhysicalContext: 'CPU',
      },
      {
        '@odata.id': `${path}#/Temperatures/1`,
        MemberId: '1',
        Name: 'Inlet',
        ReadingCelsius: 21,
        PhysicalContext: 'Intake',
      },
    ],
  }
}
