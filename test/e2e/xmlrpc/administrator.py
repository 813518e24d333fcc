"""Scripts of Cobbler's users in our own words, with python's own client.

argv: host:port, user. The password comes on standard input.
"""
import http.client
import sys
import xmlrpc.client

address, user = sys.argv[1:]
password = sys.stdin.readline().strip()
server = xmlrpc.client.ServerProxy("http://%s/cobbler_api" % address, allow_none=True)


def fault_of(call, *args):
    try:
        call(*args)
    except xmlrpc.client.Fault as fault:
        assert fault.faultCode == 1
        return fault.faultString
    raise AssertionError("no fault")


assert server.ping() is True
assert isinstance(server.version(), float)
assert len(server.extended_version()["version_tuple"]) == 3
assert fault_of(server.login, user, "x") == "<class 'cobbler.cexceptions.CX'>:'login failed (%s)'" % user
token = server.login(user, password)
assert server.token_check(token) is True and server.token_check("") is False

# An import by hand.
distro = server.new_distro(token)
for key, value in {"name": "trixie-x86_64", "kernel": "/srv/trixie/linux", "initrd": "/srv/trixie/initrd.gz"}.items():
    assert server.modify_distro(distro, key, value, token) is True
assert server.save_distro(distro, token) is True
profile = server.new_profile(token)
assert server.modify_profile(profile, "name", "trixie", token) is True
assert server.modify_profile(profile, "distro", "trixie-x86_64", token) is True
assert server.save_profile(profile, token) is True

# The lab's own set-up: keys in any order, the profile not first, an old node of that name removed before.
for number in (1, 2):
    name = "node%02d" % number
    if server.find_system({"name": name}):
        server.remove_system(name, token)
    node = server.new_system(token)
    for key, value in {
        "name": name,
        "hostname": name,
        "power_address": "qemu+tcp://192.168.123.1:65001/system",
        "power_id": name,
        "power_pass": "not for everyone",
        "netboot_enabled": True,
        "profile": "trixie",
        "modify_interface": {"macaddress-eth0": "00:16:3E:3E:AA:%02d" % number, "ipaddress-eth0": "192.168.123.%d" % (100 + number), "static-eth0": 1},
        "mgmt_classes": ["rack1", "orchestra-juju-available"],
        "ks_meta": {"keep": "me"},
    }.items():
        assert server.modify_system(node, key, value, token) is True, key
    assert server.save_system(node, token) is True

# api-list.
for one in server.get_distros():
    assert isinstance(one["name"] + one["breed"] + one["os_version"], str) and isinstance(one["mgmt_classes"], list)
for one in server.get_profiles():
    assert isinstance(one["name"] + one["distro"] + one["parent"] + one["kickstart"], str)
assert [one["interfaces"]["eth0"]["mac_address"] for one in server.get_systems()] == ["00:16:3e:3e:aa:01", "00:16:3e:3e:aa:02"]

# Ansible: the token where `expand` stands.
(node,) = server.find_system({"name": "node01"}, token)
assert node["hostname"] == "node01" and node["power_pass"] == "not for everyone"
assert server.get_system("node01")["power_pass"] == "********"
handle = server.get_system_handle("node01", token)
assert server.modify_system(handle, "modify_interface", {"netmask-eth0": "255.255.255.0", "dnsname-eth0": "node01.lab"}, token) is True
assert server.save_system(handle, token) is True
assert server.sync(token) is True

# MAAS: edit, and add when that faults.
edit = {"profile": "trixie", "comment": "maas", "interface": "eth0", "mac_address": "00:16:3e:3e:aa:03"}
assert "internal error, unknown " in fault_of(server.xapi_object_edit, "system", "node03", "edit", edit, token)
assert server.xapi_object_edit("system", "node03", "add", edit, token) is True
assert server.remove_system("node03", token, True) is True

# The Go client: four arguments, every field one by one, an answer of the types that it wants.
whole = server.get_item("system", "node01", False, False)
for key, value in whole.items():
    if key not in ("ctime", "mtime", "power_pass"):
        assert server.modify_system(handle, key, value, token) is True, key
assert server.save_system(handle, token) is True
again = server.get_system("node01", False, False, token)
assert {**again, "mtime": 0, "power_pass": 0} == {**whole, "mtime": 0, "power_pass": 0}
assert again["power_pass"] == "not for everyone"

# What python can send: null, bytes, text of all the world; and a character that XML cannot carry.
assert server.modify_system(handle, "comment", None, token) is True
assert server.modify_system(handle, "comment", xmlrpc.client.Binary("bytes \u20ac".encode()), token) is True
assert server.modify_system(handle, "hostname", xmlrpc.client.Binary("n\u00f6de \U0001f600 <&>\r\n".encode()), token) is True
assert server.save_system(handle, token) is True
node = server.get_system("node01")
assert (node["comment"], node["hostname"]) == ("bytes \u20ac", "n\u00f6de \U0001f600 <&>\r\n")
assert server.modify_system(handle, "hostname", "node01", token) is True
assert server.save_system(handle, token) is True
bell = xmlrpc.client.Binary(b"bell \x07\x00")
assert server.modify_system(handle, "comment", bell, token) is True
assert server.save_system(handle, token) is True
assert server.get_system("node01")["comment"] == "bell \ufffd\ufffd"
assert len(server.get_systems()) == 2

# Faults that are words, and HTTP 200.
assert fault_of(server.new_system, "") == "<class 'cobbler.cexceptions.CX'>:'invalid token: '"
assert fault_of(server.get_system_handle, "gone", token) == "<class 'cobbler.cexceptions.CX'>:'internal error, unknown system name gone'"
assert "unknown remote method" in fault_of(server.system.listMethods)
assert "forbidden method" in fault_of(server._private)
assert fault_of(server.login).startswith("<class 'TypeError'>:")
assert server.modify_system(handle, "nonsense", "x", token) is False
assert server.get_system("gone") == "~"

# The other path, and what is no call.
assert xmlrpc.client.ServerProxy("http://%s/RPC2" % address).ping() is True
assert xmlrpc.client.ServerProxy("http://%s/cobbler_api/" % address).ping() is True
for method, path, body, status in (
    ("GET", "/cobbler_api", None, 405),
    ("POST", "/cobbler_api", b"", 200),
    ("POST", "/cobbler_api", b"<!DOCTYPE x><methodCall/>", 200),
    ("POST", "/RPC2", b"\xff", 200),
):
    connection = http.client.HTTPConnection(address, timeout=30)
    connection.request(method, path, body)
    answer = connection.getresponse()
    text = answer.read().decode()
    assert answer.status == status, (method, path, body, answer.status)
    assert (status == 200) == ("malformed XML-RPC call" in text), text
    connection.close()

event = server.background_power_system({"power": "on", "systems": ["node01"]}, token)
assert server.get_task_status(event)[1] == "Power management (on)"
assert event in server.get_events()
assert server.logout(token) is True and server.logout(token) is False
assert "invalid token" in fault_of(server.new_system, token)
print("done")
