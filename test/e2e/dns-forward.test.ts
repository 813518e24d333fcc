/** The names of others: dig asks the daemon, which asks dnsmasq, for clients of its own subnet alone. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { beforeAll, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'
import { makeNamespace, type Namespace, whyNoNamespaces } from '../support/namespace.ts'

const LONG = Array.from({ length: 20 }, (_, index) => `${index}`.padStart(100, 'x'))
let site: Namespace
let near: Namespace
let far: Namespace
let daemon: Daemon
let resolver: ChildProcess

beforeAll(async () => {
  await needPackages('bind9-dnsutils', 'dnsmasq-base')
  if (whyNoNamespaces()) return
  ;[site, near, far] = [await makeNamespace(), await makeNamespace(), await makeNamespace()]
  await site.bridge('nodes', '10.77.0.1/24')
  await site.exec('ip', ['address', 'add', '10.88.0.1/24', 'dev', 'nodes'])
  await site.link(near, 'nodes', 'eth0')
  await site.link(far, 'nodes', 'eth0')
  await near.exec('ip', ['address', 'add', '10.77.0.50/24', 'dev', 'eth0'])
  await far.exec('ip', ['address', 'add', '10.88.0.50/24', 'dev', 'eth0'])
  resolver = site.spawn(
    'dnsmasq',
    [
      ...[
        '--keep-in-foreground',
        '--log-facility=-',
        '--log-queries',
        '--no-resolv',
        '--no-hosts',
        '--conf-file=/dev/null',
      ],
      ...['--port=5301', '--listen-address=127.0.0.1', '--bind-interfaces', '--pid-file=', '--user=root'],
      ...['--address=/www.other.example/10.9.9.9', '--local=/other.example/', '--auth-ttl=60', '--local-ttl=60'],
      ...LONG.map((text) => `--txt-record=long.other.example,${text}`),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  // It says so when it is up.
  if (resolver.stderr) await once(resolver.stderr, 'data')
  daemon = await startDaemon({
    namespace: site,
    config: {
      http: { listen: '127.0.0.1:0' },
      tftp: { enabled: false },
      // The first one is silent: nobody listens there.
      dns: { enabled: true, listen: '0.0.0.0:53', forwarders: ['127.0.0.1:5399', '127.0.0.1:5301'] },
      dhcp: { enabled: false, subnets: [{ subnet: '10.77.0.0/24', domain: 'lab.example' }] },
    },
  })
}, 120_000)

const dig = (from: Namespace, at: string, ...args: string[]) =>
  from.exec('dig', [`@${at}`, '+tries=1', '+time=5', ...args])

test.skipIf(whyNoNamespaces())('a node finds names of others by us, and our own as before', async () => {
  for (const option of ['+notcp', '+tcp', '+noedns']) {
    const answer = await dig(near, '10.77.0.1', option, 'WWW.other.example')
    expect(answer).toMatch(/status: NOERROR/)
    expect(answer).toMatch(/flags: qr rd ra;/)
    expect(answer).toMatch(/^WWW\.other\.example\.\s+\d+\s+IN\s+A\s+10\.9\.9\.9$/m)
    expect(answer).not.toMatch(/WARNING|malformed/i)
  }
  expect(await dig(near, '10.77.0.1', 'nobody.other.example')).toMatch(/status: NXDOMAIN/)
  const own = await dig(near, '10.77.0.1', 'nobody.lab.example')
  expect(own).toMatch(/status: NXDOMAIN/)
  expect(own).toMatch(/flags: qr aa rd ra;/)
  expect(await dig(near, '10.77.0.1', '-x', '10.77.0.99')).toMatch(/status: NXDOMAIN/)
})

test.skipIf(whyNoNamespaces())('what is too long for a datagram comes by TCP, from end to end', async () => {
  const lines = (await dig(near, '10.77.0.1', '+short', 'long.other.example', 'TXT')).trim().split('\n')
  expect(lines.sort()).toEqual(LONG.map((text) => `"${text}"`).sort())
  expect(await dig(near, '10.77.0.1', '+ignore', 'long.other.example', 'TXT')).toMatch(/flags: qr tc rd ra;/)
})

test.skipIf(whyNoNamespaces())('this host is a client too; another network is refused', async () => {
  expect(await dig(site, '127.0.0.1', '+short', 'www.other.example')).toBe('10.9.9.9\n')
  const answer = await dig(far, '10.88.0.1', 'www.other.example')
  expect(answer).toMatch(/status: REFUSED/)
  expect(answer).not.toMatch(/flags: .* ra;/)
})

test.skipIf(whyNoNamespaces())('when no resolver is there, names of others fail and ours are answered', async () => {
  resolver.kill('SIGKILL')
  await once(resolver, 'exit')
  expect(await dig(near, '10.77.0.1', 'later.other.example')).toMatch(/status: SERVFAIL/)
  expect(await dig(near, '10.77.0.1', 'lab.example', 'SOA')).toMatch(/status: NOERROR/)
  // It was asked for before.
  expect(await dig(near, '10.77.0.1', '+short', 'www.other.example')).toBe('10.9.9.9\n')
})

test.skipIf(whyNoNamespaces())('all of it was counted', async () => {
  const token = await daemon.token()
  const metrics = await site.exec('curl', ['-s', '-H', `Authorization: Bearer ${token}`, `${daemon.url}/metrics`])
  for (const outcome of ['answered', 'forwarded', 'refused'])
    expect(metrics).toMatch(new RegExp(`^orchestra_dns_questions_total\\{outcome="${outcome}"\\} [1-9]`, 'm'))
})
