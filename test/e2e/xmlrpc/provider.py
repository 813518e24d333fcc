"""The orchestra provider of 2011 in our own words: HTTP/1.0, Host without a port, no token until a fault asks for one.

argv: host:port, user. The password comes on standard input.
"""
import http.client
import socket
import sys
import xmlrpc.client

AVAILABLE, ACQUIRED = "orchestra-juju-available", "orchestra-juju-acquired"


class Http10(xmlrpc.client.Transport):
    """One connection for each call, closed by the server; a chunked answer would not be understood."""

    user_agent = "Twisted/XMLRPClib"

    def single_request(self, host, handler, request_body, verbose=False):
        name, port = host.split(":")
        head = (
            "POST %s HTTP/1.0\r\nUser-Agent: %s\r\nHost: %s\r\nContent-type: text/xml\r\nContent-length: %d\r\n\r\n"
            % (handler, self.user_agent, name, len(request_body))
        )
        with socket.create_connection((name, int(port)), timeout=30) as connection:
            connection.sendall(head.encode() + request_body)
            answer = b""
            while True:
                part = connection.recv(65536)
                if not part:
                    break
                answer += part
        headers, body = answer.split(b"\r\n\r\n", 1)
        lines = headers.decode("latin-1").lower().split("\r\n")
        assert lines[0].split(" ")[1] == "200", lines[0]
        assert not any(line.startswith("transfer-encoding") for line in lines), lines
        assert "content-length: %d" % len(body) in lines, lines
        assert any(line.startswith("content-type: text/xml") for line in lines), lines
        parser, unmarshaller = self.getparser()
        parser.feed(body)
        parser.close()
        return unmarshaller.close()


class Provider:
    def __init__(self, address, user, password):
        self.server = xmlrpc.client.ServerProxy("http://%s/cobbler_api" % address, transport=Http10())
        self.user, self.password, self.token, self.logins = user, password, "", 0

    def call(self, name, *args):
        return getattr(self.server, name)(*args)

    def authenticated(self, name, *args):
        try:
            return self.call(name, *args, self.token)
        except xmlrpc.client.Fault as fault:
            if "invalid token" not in fault.faultString:
                raise
        self.logins += 1
        self.token = self.call("login", self.user, self.password)
        return self.call(name, *args, self.token)

    def change(self, uid, **values):
        (name,) = self.call("find_system", {"uid": uid})
        handle = self.authenticated("get_system_handle", name)
        for key in sorted(values):
            answer = self.authenticated("modify_system", handle, key, values[key])
            assert answer is True, (key, answer)
        assert self.authenticated("save_system", handle) is True
        return name

    def acquire(self):
        for name in self.call("find_system", {"mgmt_classes": AVAILABLE, "netboot_enabled": "true"}):
            system = self.call("get_system", name)
            if system == "~" or ACQUIRED in system["mgmt_classes"]:
                continue
            classes = [ACQUIRED if one == AVAILABLE else one for one in system["mgmt_classes"]]
            self.change(system["uid"], mgmt_classes=classes)
            return system["uid"]
        return None

    def machine(self, uid):
        systems = self.call("get_systems")
        assert all(isinstance(one["mgmt_classes"], list) for one in systems)
        assert all(isinstance(one["ks_meta"], dict) for one in systems)
        (system,) = [one for one in systems if one["uid"] == uid]
        return system

    def launch(self, uid, number, user_data):
        meta = dict(self.machine(uid)["ks_meta"], MACHINE_ID=number, USER_DATA_BASE64=user_data)
        name = self.change(uid, ks_meta=meta, netboot_enabled=True)
        return self.authenticated("background_power_system", {"power": "on", "systems": [name]})

    def release(self, uid):
        system = self.machine(uid)
        meta = {key: value for key, value in system["ks_meta"].items() if key not in ("MACHINE_ID", "USER_DATA_BASE64")}
        classes = [AVAILABLE if one == ACQUIRED else one for one in system["mgmt_classes"]]
        name = self.change(uid, ks_meta=meta, mgmt_classes=classes, netboot_enabled=True)
        return self.authenticated("background_power_system", {"power": "off", "systems": [name]})


def fault_of(call, *args):
    try:
        call(*args)
    except xmlrpc.client.Fault as fault:
        assert fault.faultCode == 1
        return fault.faultString
    raise AssertionError("no fault")


address, user = sys.argv[1:]
password = sys.stdin.readline().strip()
juju = Provider(address, user, password)

first = juju.acquire()
assert juju.logins == 1, juju.logins
assert first is not None
event = juju.launch(first, "0", "I2Nsb3VkLWNvbmZpZwo9PQ==")
assert isinstance(event, str) and "_power_" in event, event
machine = juju.machine(first)
assert machine["ks_meta"] == {"keep": "me", "MACHINE_ID": "0", "USER_DATA_BASE64": "I2Nsb3VkLWNvbmZpZwo9PQ=="}, machine["ks_meta"]
assert machine["mgmt_classes"] == ["rack1", ACQUIRED], machine["mgmt_classes"]
assert machine["netboot_enabled"] is True

second = juju.acquire()
assert second not in (None, first)
assert juju.acquire() is None, "two machines, and a third was given"

# Another process of the same user: its token is another, and whoever saves second is told.
other = Provider(address, user, password)
other.authenticated("get_system_handle", machine["name"])
other.token = other.call("login", user, password)
handle = juju.authenticated("get_system_handle", machine["name"])
assert juju.authenticated("modify_system", handle, "comment", "of juju") is True
assert other.authenticated("modify_system", handle, "comment", "of the other") is True
assert other.authenticated("save_system", handle) is True
assert "was changed by someone else" in fault_of(juju.authenticated, "save_system", handle)
assert juju.machine(first)["comment"] == "of the other"

juju.release(first)
machine = juju.machine(first)
assert machine["ks_meta"] == {"keep": "me"}, machine["ks_meta"]
assert machine["mgmt_classes"] == ["rack1", AVAILABLE]
assert juju.acquire() == first

wrong = Provider(address, user, "wrong")
assert "login failed (%s)" % user in fault_of(wrong.authenticated, "modify_system", handle, "comment", "x")
assert "unknown system name" in fault_of(juju.authenticated, "get_system_handle", "gone")
assert juju.call("get_system", "gone") == "~"
assert juju.call("find_system", {"uid": "gone"}) == []
print("done")
