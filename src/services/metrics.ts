/** What Prometheus reads: power calls and tasks by driver, machines by state, events, the process itself. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { RecordedEvent } from '../model/event.ts'
import type { PowerState, PowerTask } from '../model/power.ts'
import type { Written } from './batched-writes.ts'
import type { Journal } from './journal.ts'
import type { PowerCall } from './power-hands.ts'

export interface Metrics {
  /** In Prometheus' text format 0.0.4. */
  text(): Promise<string>
  observeCall(call: PowerCall): void
  observeTask(driver: string, task: PowerTask): void
  /** What became of a question to our DNS. */
  observeDns(outcome: string): void
  watchDhcp(dhcp: DhcpWatched): void
}

/** Asked whenever the metrics are read. */
export interface DhcpWatched {
  readonly subnets: () => readonly PoolUse[]
  readonly written: Readonly<Written>
}

/** A subnet (`10.77.0.0/24`) and the addresses of its pool. */
export interface PoolUse {
  readonly subnet: string
  /** Leased or offered, or found in use by a stranger. */
  readonly used: number
  /** That a new machine could get. */
  readonly free: number
}

export interface MetricsNeeds {
  readonly journal: Pick<Journal, 'watch'>
  /** The last reading of each system. */
  readonly powerStates: () => Iterable<PowerState>
  /** How many consoles of each kind are open. */
  readonly consoles: () => Readonly<Record<'serial' | 'vnc', number>>
}

/** Seconds: a BMC on the same switch, one far away, one that is asleep. */
const CALL_BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20]
const TASK_BUCKETS = [1, 2.5, 5, 10, 20, 40, 60, 90, 300]

export function createMetrics({ journal, powerStates, consoles }: MetricsNeeds): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  // Gauges named as counters are: promtool complains, and the same numbers are there by kind.
  for (const kind of ['handles', 'requests', 'resources']) registry.removeSingleMetric(`nodejs_active_${kind}_total`)
  const calls = new Counter({
    ...{ registers, name: 'orchestra_power_calls_total', help: 'Calls of power drivers; result is ok or the fault' },
    labelNames: ['driver', 'what', 'result'],
  })
  const callSeconds = new Histogram({
    ...{ registers, name: 'orchestra_power_call_seconds', help: 'How long power drivers took to answer' },
    ...{ labelNames: ['driver', 'what'], buckets: CALL_BUCKETS },
  })
  const tasks = new Counter({
    ...{ registers, name: 'orchestra_power_tasks_total', help: 'Power tasks that ended, by how' },
    labelNames: ['driver', 'action', 'state'],
  })
  const taskSeconds = new Histogram({
    ...{ registers, name: 'orchestra_power_task_seconds', help: 'From the order until the state was seen' },
    ...{ labelNames: ['driver', 'action'], buckets: TASK_BUCKETS },
  })
  const steps = new Counter({
    ...{ registers, name: 'orchestra_boot_steps_total', help: 'Stations that booting machines have passed' },
    labelNames: ['step'],
  })
  const events = new Counter({
    ...{ registers, name: 'orchestra_events_total', help: 'What was recorded in the journal' },
    labelNames: ['name'],
  })
  const dns = new Counter({
    ...{ registers, name: 'orchestra_dns_questions_total', help: 'Questions to our DNS by what became of them' },
    labelNames: ['outcome'],
  })
  new Gauge({
    ...{ registers, name: 'orchestra_machines', help: 'Machines by their power as it was seen last' },
    labelNames: ['power'],
    collect() {
      const count: Record<PowerState, number> = { on: 0, off: 0, unknown: 0 }
      for (const state of powerStates()) count[state]++
      for (const [power, number] of Object.entries(count)) this.set({ power }, number)
    },
  })

  new Gauge({
    ...{ registers, name: 'orchestra_consoles', help: 'Consoles of machines that are open now' },
    labelNames: ['kind'],
    collect() {
      for (const [kind, number] of Object.entries(consoles())) this.set({ kind }, number)
    },
  })

  journal.watch(({ name, payload }: RecordedEvent) => {
    events.inc({ name })
    if (name === 'boot.step' && 'step' in payload) steps.inc({ step: payload.step })
  })

  return {
    text: () => registry.metrics(),
    observeCall({ driver, what, fault, milliseconds }) {
      calls.inc({ driver, what, result: fault ?? 'ok' })
      callSeconds.observe({ driver, what }, milliseconds / 1000)
    },
    observeTask(driver, { action, state, started, ended }) {
      tasks.inc({ driver, action, state })
      if (ended !== undefined) taskSeconds.observe({ driver, action }, (ended - started) / 1000)
    },
    observeDns: (outcome) => dns.inc({ outcome }),
    watchDhcp({ subnets, written }) {
      for (const [key, help] of [
        ['commits', 'Commits in which changes of leases went to the disk'],
        ['steps', 'Changes of leases that went to the disk'],
      ] as const) {
        new Counter({
          ...{ registers, name: `orchestra_dhcp_lease_${key === 'steps' ? 'changes' : key}_total`, help },
          collect() {
            this.reset()
            this.inc(written[key])
          },
        })
      }
      new Gauge({
        ...{ registers, name: 'orchestra_dhcp_addresses', help: 'Addresses of the DHCP pools: used, and free' },
        labelNames: ['subnet', 'state'],
        collect() {
          for (const { subnet, used, free } of subnets()) {
            this.set({ subnet, state: 'used' }, used)
            this.set({ subnet, state: 'free' }, free)
          }
        },
      })
    },
  }
}
