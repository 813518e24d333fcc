/**
 * How fast the XML-RPC interface is beside Cobbler: a real daemon with many systems, asked by python's own client.
 * Run by hand: `node test/bench/xmlrpc.ts [systems]`. Cobbler's numbers: 5,000 systems, 2 cores, the same client.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { exec } from '../../src/lib/exec.ts'

const systems = Number(process.argv[2] ?? 5_000)
const ROOT = resolve(import.meta.dirname, '../..')
const password = randomBytes(9).toString('base64url')
const data = mkdtempSync(join(tmpdir(), 'orchestra-bench-'))

const CLIENT = `
import sys, time, threading, xmlrpc.client
url, count, password = sys.argv[1], int(sys.argv[2]), sys.stdin.readline().strip()
server = xmlrpc.client.ServerProxy(url + "/cobbler_api")
token = server.login("admin", password)
def timed(label, call, times=1):
    began = time.perf_counter()
    for _ in range(times): result = call()
    print("%-48s %9.2f ms" % (label, (time.perf_counter() - began) * 1000 / times))
    return result
distro = server.new_distro(token)
for key, value in (("name", "d"), ("kernel", "/srv/linux"), ("initrd", "/srv/initrd.gz")):
    server.modify_distro(distro, key, value, token)
server.save_distro(distro, token)
profile = server.new_profile(token)
server.modify_profile(profile, "name", "p", token)
server.modify_profile(profile, "distro", "d", token)
server.save_profile(profile, token)
numbers = iter(range(count))
def create():
    i = next(numbers)
    one = server.new_system(token)
    for key, value in (("name", "node%05d" % i), ("profile", "p"), ("hostname", "node%05d" % i), ("mgmt_classes", "available rack%d" % (i % 40)),
        ("power_address", "10.1.%d.%d" % (i // 250, i % 250)),
        ("modify_interface", {"macaddress-eth0": "52:54:00:%02x:%02x:%02x" % (i >> 16, i >> 8 & 255, i & 255), "ipaddress-eth0": "10.0.%d.%d" % (i // 250, i % 250)})):
        server.modify_system(one, key, value, token)
    server.save_system(one, token)
timed("create a system (8 calls)", create, count)
timed("get_systems, python's parsing included", lambda: server.get_systems(0, 0, token), 3)
timed("get_item_names", lambda: server.get_item_names("system", token), 10)
timed("get_system", lambda: server.get_system("node00007", False, False, token), 100)
timed("find_system by MAC", lambda: server.find_system({"mac_address": "52:54:00:00:00:07"}, False, token), 20)
timed("find_system by classes and netboot", lambda: server.find_system({"mgmt_classes": "available rack7", "netboot_enabled": "true"}, False, token), 20)
timed("find_system by glob", lambda: server.find_system({"name": "node*7"}, False, token), 20)
def change():
    handle = server.get_system_handle("node00007", token)
    server.modify_system(handle, "comment", str(time.time()), token)
    server.save_system(handle, token)
timed("handle, modify, save", change, 50)
worst = [0.0]
stop = threading.Event()
def ping():
    mine = xmlrpc.client.ServerProxy(url + "/cobbler_api")
    while not stop.is_set():
        began = time.perf_counter()
        mine.ping()
        worst[0] = max(worst[0], time.perf_counter() - began)
pinging = threading.Thread(target=ping)
class Raw(xmlrpc.client.Transport):
    def parse_response(self, response):
        return (len(response.read()),)
raw = xmlrpc.client.ServerProxy(url + "/cobbler_api", transport=Raw())
began = time.perf_counter()
size = raw.get_systems(0, 0, token)
print("%-48s %9.2f ms, %.1f MB" % ("get_systems, bytes alone", (time.perf_counter() - began) * 1000, size / 1e6))
pinging.start()
raw.get_systems(0, 0, token)
stop.set(); pinging.join()
print("%-48s %9.2f ms" % ("longest ping beside get_systems", worst[0] * 1000))
`

const daemon = spawn(process.execPath, [join(ROOT, 'src/main.ts'), 'serve'], {
  env: {
    PATH: process.env['PATH'],
    ORCHESTRA_DATA: data,
    ORCHESTRA_HTTP__LISTEN: '127.0.0.1:0',
    ORCHESTRA_TFTP__LISTEN: '127.0.0.1:0',
    ORCHESTRA_ADMIN__PASSWORD: password,
    ORCHESTRA_LOG__LEVEL: 'info',
    ORCHESTRA_LOG__FORMAT: 'json',
  },
  stdio: ['ignore', 'pipe', 'inherit'],
})
try {
  const url = await listening()
  process.stdout.write(
    await exec('python3', ['-c', CLIENT, url, String(systems)], { stdin: `${password}\n`, timeout: 600_000 }),
  )
} finally {
  daemon.kill('SIGTERM')
  await new Promise((ended) => daemon.once('close', ended))
  rmSync(data, { recursive: true, force: true })
}

/** The daemon says where it listens. */
function listening(): Promise<string> {
  return new Promise((found, failed) => {
    let text = ''
    daemon.stdout.on('data', (part) => {
      text += part
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0]
      if (url) found(url)
    })
    daemon.once('close', () => failed(new Error(`the daemon ended: ${text}`)))
  })
}
