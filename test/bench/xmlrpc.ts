/**
 * How fast the XML-RPC interface is, with 1,000, 10,000 and 100,000 systems: a real daemon for each size, asked by Python's
 * own client over loopback. Run by hand: `npm run bench:xmlrpc`, or `node test/bench/xmlrpc.ts 1000 10000` for some sizes.
 *
 * The fleet is put into the database beforehand, except for the last five hundred systems, which are made through the
 * interface: what is measured is the cost of one more. Cobbler's figures beside it: 3.3.7, 5,000 systems, 2 cores.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { exec } from '../../src/lib/exec.ts'
import { startBareDaemon } from '../support/bare-daemon.ts'
import { furnishFleet } from '../support/big-fleet.ts'

const given = process.argv.slice(2).map(Number)
const SIZES = given.length > 0 ? given : [1_000, 10_000, 100_000]
/** Made through the interface at each size. */
const CREATED = 500

/** What is measured, in the order of the table, with Cobbler's figure where it was taken. */
const ROWS: readonly (readonly [key: string, label: string, cobbler: string])[] = [
  ['create', 'create a system (8 calls), ms', '21–130'],
  ['create_slowest', 'the slowest of these but one in a hundred, ms', ''],
  ['change', 'handle, modify, save, ms', '29–31'],
  ['get_system', 'get_system, ms', '1–2'],
  ['uid', 'find_system by uid, ms', ''],
  ['mac', 'find_system by MAC, ms', '1'],
  ['classes', 'find_system by mgmt_classes and netboot, ms', '117–171'],
  ['glob', 'find_system by a pattern for the name, ms', '29–42'],
  ['names', 'get_item_names, ms', '15'],
  ['blended', 'get_blended_data, ms', '4'],
  ['bytes_first', 'get_systems, first time, bytes, ms', ''],
  ['bytes', 'get_systems, again, bytes, ms', ''],
  ['parsed', "get_systems, read by Python's client, ms", '2,100–2,600'],
  ['five_thousand', 'the same for 5,000 of them, bytes, ms', '2,100–2,600'],
  ['megabytes', 'size of that answer, MB', ''],
  ['ping', 'longest ping beside get_systems, ms', ''],
  ['memory_start', 'memory before the first call, MiB', '83'],
  ['memory', 'memory after all that, MiB', '330'],
]

const CLIENT = `
import json, sys, time, threading, xmlrpc.client
url, count, created, password = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.stdin.readline().strip()
server = xmlrpc.client.ServerProxy(url + "/cobbler_api")
token = server.login("admin", password)
result = {}
def timed(key, call, times):
    took = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    result[key] = took[len(took) // 2]
    return took
numbers = iter(range(count, count + created))
def create():
    i = next(numbers)
    one = server.new_system(token)
    for key, value in (("name", "node%06d" % i), ("profile", "p"), ("hostname", "node%06d" % i),
        ("mgmt_classes", "available rack%d" % (i % 400)), ("power_address", "10.1.%d.%d" % (i // 250 % 250, i % 250)),
        ("modify_interface", {"macaddress-eth0": "52:54:00:%02x:%02x:%02x" % (i >> 16, i >> 8 & 255, i & 255),
                              "ipaddress-eth0": "10.%d.%d.%d" % (i >> 16, i >> 8 & 255, i & 255)})):
        server.modify_system(one, key, value, token)
    server.save_system(one, token)
took = timed("create", create, created)
result["create_slowest"] = took[int(len(took) * 0.99) - 1]
name = "node%06d" % (count // 2)
uid = server.get_system(name, False, False, token)["uid"]
mac = server.get_system(name, False, False, token)["interfaces"]["eth0"]["mac_address"]
timed("get_system", lambda: server.get_system(name, False, False, token), 100)
def found(criteria, several=False):
    def call():
        names = server.find_system(criteria, False, token)
        assert name in names and (several or len(names) == 1), names
    return call
timed("uid", found({"uid": uid}), 100)
timed("mac", found({"mac_address": mac}), 100)
timed("classes", found({"mgmt_classes": "available rack%d" % (count // 2 % 400), "netboot_enabled": "true"}, True), 100)
timed("glob", found({"name": "*" + name[3:]}), 20)
timed("names", lambda: server.get_item_names("system", token), 10)
timed("blended", lambda: server.get_blended_data("", name, token), 50)
def change():
    handle = server.get_system_handle(name, token)
    server.modify_system(handle, "comment", str(time.time()), token)
    server.save_system(handle, token)
timed("change", change, 50)
class Raw(xmlrpc.client.Transport):
    size = 0
    def parse_response(self, response):
        self.size = 0
        while True:
            part = response.read(1 << 20)
            if not part: return (self.size,)
            self.size += len(part)
transport = Raw()
raw = xmlrpc.client.ServerProxy(url + "/cobbler_api", transport=transport)
timed("bytes_first", lambda: raw.get_systems(0, 0, token), 1)
timed("bytes", lambda: raw.get_systems(0, 0, token), 5 if count <= 10000 else 2)
result["megabytes"] = transport.size / 1e6
result["five_thousand"] = result["bytes"] / (count + created) * 5000
if count <= 10000: timed("parsed", lambda: server.get_systems(0, 0, token), 1)
worst, stop = [0.0], threading.Event()
def ping():
    mine = xmlrpc.client.ServerProxy(url + "/cobbler_api")
    while not stop.is_set():
        began = time.perf_counter()
        mine.ping()
        worst[0] = max(worst[0], time.perf_counter() - began)
pinging = threading.Thread(target=ping)
pinging.start()
raw.get_systems(0, 0, token)
stop.set(); pinging.join()
result["ping"] = worst[0] * 1000
print(json.dumps(result))
`

type Measured = Readonly<Record<string, number>>

async function measure(count: number): Promise<Measured> {
  const data = mkdtempSync(join(tmpdir(), 'orchestra-bench-'))
  await furnishFleet(data, count)
  const daemon = await startBareDaemon(data)
  try {
    const start = memoryOf(daemon.pid)
    const args = ['-c', CLIENT, daemon.url, String(count), String(CREATED)]
    const answer = await exec('python3', args, { stdin: `${daemon.password}\n`, timeout: 900_000 })
    return { ...(JSON.parse(answer) as Measured), memory_start: start, memory: memoryOf(daemon.pid) }
  } finally {
    await daemon.stop()
    rmSync(data, { recursive: true, force: true })
  }
}

/** Resident, in MiB. */
function memoryOf(pid: number | undefined): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

const [cpu] = cpus()
process.stdout.write(
  `${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}\n\n`,
)
const columns: Measured[] = []
for (const size of SIZES) columns.push(await measure(size))
const sizes = SIZES.map((size) => size.toLocaleString('en'))
const cell = (value: number | undefined) => (value === undefined ? '' : value.toFixed(value < 100 ? 1 : 0))
process.stdout.write(
  `| systems | ${sizes.join(' | ')} | Cobbler 3.3.7, 5,000 |\n|${' --- |'.repeat(SIZES.length + 2)}\n`,
)
for (const [key, label, cobbler] of ROWS) {
  const values = columns.map((column) => cell(column[key]))
  process.stdout.write(`| ${label} | ${values.join(' | ')} | ${cobbler} |\n`)
}
