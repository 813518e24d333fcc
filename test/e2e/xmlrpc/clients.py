"""The sequences of calls of Cobbler's clients, each in its own manner, with python's own XML-RPC.

argv: host:port, user. The password comes on standard input.
"""
import sys
import time
import xmlrpc.client

address, user = sys.argv[1:]
password = sys.stdin.readline().strip()
server = xmlrpc.client.ServerProxy("http://%s/cobbler_api" % address, allow_none=True)
token = server.login(user, password)
CX = "<class 'cobbler.cexceptions.CX'>:"


def fault_of(call, *args):
    try:
        call(*args)
    except xmlrpc.client.Fault as fault:
        assert fault.faultCode == 1
        assert ":" in fault.faultString  # The python CLI splits there, and crashes without one.
        return fault.faultString
    raise AssertionError("no fault")


def finished(event):
    """Beaker: polls, and takes these words for the end."""
    while True:
        state = server.get_task_status(event)[2]
        if state in ("complete", "failed"):
            return state, server.get_event_log(event)
        time.sleep(0.05)


# The Go client and Terraform: every type, every field by itself, and what was written is read back.
TYPES = ["distro", "profile", "image", "system", "repo", "mgmtclass", "package", "file", "menu"]
NEEDED = {
    "distro": {"kernel": "/srv/go/linux", "initrd": "/srv/go/initrd.gz"},
    "profile": {"distro": "go-distro"},
    "system": {"profile": "go-profile"},
    "repo": {"mirror": "http://deb.example/debian"},
}
assert len(server.extended_version()["version_tuple"]) == 3
for what in TYPES:
    name = "go-" + what
    assert getattr(server, "get_" + what)(name, False, False, token) == "~"
    handle = getattr(server, "new_" + what)(token)
    modify = getattr(server, "modify_" + what)
    for key, value in {"name": name, **NEEDED.get(what, {})}.items():
        assert modify(handle, key, value, token) is True, (what, key)
    assert getattr(server, "save_" + what)(handle, token, "new") is True
    whole = server.get_item(what, name, False, False)
    for key, value in whole.items():
        if key not in ("ctime", "mtime"):
            assert modify(handle, key, value, token) is True, (what, key)
    assert getattr(server, "save_" + what)(handle, token) is True
    again = server.get_item(what, name, False, False)
    assert {**again, "mtime": 0} == {**whole, "mtime": 0}, (what, {k for k in whole if whole[k] != again[k]})
    assert getattr(server, "find_" + what)({"name": name}) == [name]
    assert server.has_item(what, name, token) is True
    plural = {"mgmtclass": "mgmtclasses"}.get(what, what + "s")
    assert name in [one["name"] for one in getattr(server, "get_" + plural)()]
    assert name in [one["name"] for one in getattr(server, "get_%s_since" % plural)(whole["mtime"] - 1)]
    assert getattr(server, "get_%s_as_rendered" % what)(name)["name"] == name
    assert getattr(server, "get_%s_for_koan" % what)("nope") == {}
    page = server.find_items_paged(what, {"name": "go-*"}, "name", 1, 10)
    assert page["pageinfo"]["num_items"] == 1 and page["pageinfo"]["next_page"] == "~"
assert server.get_item_resolved_value(server.get_system("go-system")["uid"], "owners") == [user]

# The python command line: xapi_object_edit, background tasks whose log ends in these words, settings, status.
assert server.xapi_object_edit("system", "cli", "add", {"profile": "go-profile", "interface": "eth0", "mac_address": "52:54:00:0c:11:01"}, token) is True
assert "unwise to overwrite" in fault_of(server.xapi_object_edit, "system", "cli", "add", {"profile": "go-profile"}, token)
assert "You must specify a 'profile' or 'image' for new systems" in fault_of(server.xapi_object_edit, "system", "cli2", "add", {}, token)
assert server.xapi_object_edit("system", "cli", "edit", {"ks_meta": "a=1 b=2"}, token) is True
assert server.xapi_object_edit("system", "cli", "edit", {"in_place": True, "ks_meta": "~a c=3"}, token) is True
assert server.get_system("cli")["ks_meta"] == {"b": "2", "c": "3"}
assert finished(server.background_sync({"verbose": True}, token)) == ("complete", finished(server.background_sync({}, token))[1])
assert finished(server.background_sync({}, token))[1].endswith("### TASK COMPLETE ###\n")
state, log = finished(server.background_reposync({"only": "x"}, token))
assert state == "failed" and log.endswith("### TASK FAILED ###\n")
assert isinstance(server.get_status("text", token), str) and isinstance(server.get_status("normal", token), dict)
assert all(isinstance(one, str) for one in server.check(token))
assert server.modify_setting("allow_duplicate_hostnames", "1", token) == 0 and server.get_settings(token)["allow_duplicate_hostnames"] is True
assert server.modify_setting("no_such_setting", 1, token) == 1
assert "cli" in server.get_item_names("system")
assert server.get_blended_data("", "cli")["ks_meta"] == "b=2 c=3 "
assert fault_of(server.get_blended_data, "", "nope") == CX + "'system not found: nope'"

# Beaker: the names of 2.x with dashes, netboot, a kickstart of its own, power and its events.
handle = server.get_system_handle("cli", token)
for key, value in {"netboot-enabled": True, "kopts": {"quiet": None, "console": "ttyS0"}, "ksmeta": {"x": "y"}, "power_type": "ipmilan"}.items():
    assert server.modify_system(handle, key, value, token) is True, key
assert server.clear_system_logs(handle, token) is True
assert server.save_system(handle, token) is True
path = "/var/lib/cobbler/kickstarts/beaker.ks"
assert server.read_or_write_kickstart_template(path, False, "install\n", token) is True
assert server.modify_system(handle, "kickstart", path, token) is True and server.save_system(handle, token) is True
assert server.get_system("cli")["kickstart"] == server.get_system("cli")["autoinstall"] == path
assert path in server.get_kickstart_templates(token) and server.is_kickstart_in_use(path, token) is True
event = server.background_power_system({"power": "off", "systems": ["nope"]}, token)
assert event in server.get_events() and finished(event)[0] == "complete"

# koan: what there is, one as it is rendered, and registering itself.
assert server.ping() is True and server.version() > 2
assert server.get_profile_as_rendered("go-profile", token)["distro"] == "go-distro"
assert server.last_modified_time() > 0
info = {"name": "koan1", "profile": "go-profile", "hostname": "koan1", "interfaces": {"eth0": {"mac_address": "52:54:00:0c:11:02", "ip_address": "?", "netmask": "?", "bridge": "0"}}}
assert "registration is disabled" in fault_of(server.register_new_system, info)
assert server.modify_setting("register_new_installs", True, token) == 0
assert server.register_new_system(info) == 0
assert "conflict" in fault_of(server.register_new_system, info)
assert server.modify_setting("register_new_installs", False, token) == 0

# Spacewalk: by uid, add and edit in one call, remove without a fault for what is gone.
assert server.token_check(token) is True
uid = server.get_system("koan1")["uid"]
assert server.find_system({"uid": uid}) == ["koan1"]
assert server.xapi_object_edit("profile", "sw:1:org", "add", {"distro": "go-distro", "kickstart": ""}, token) is True
assert server.xapi_object_edit("profile", "sw:1:org", "remove", {}, token) is True
assert server.remove_profile("sw:1:org", token) is True
assert server.sync(token) is True

# compass: new, profile, ksmeta as a struct, interfaces, sync, remove.
handle = server.new_system(token)
for key, value in {"name": "compass.1", "hostname": "compass", "profile": "go-profile", "ksmeta": {"a": 1, "b": ""}, "netboot_enabled": 1}.items():
    assert server.modify_system(handle, key, value, token) is True, key
assert server.modify_system(handle, "modify_interface", {"macaddress-eth0": "52:54:00:0c:11:03", "ipaddress-eth0": "10.9.0.3", "subnet-eth0": "255.255.255.0", "static-eth0": True}, token) is True
assert server.save_system(handle, token) is True
assert server.get_system("compass.1")["interfaces"]["eth0"]["netmask"] == "255.255.255.0"
assert server.find_system({"interfaces": "x"}) == [] and server.find_system({"ip_address": "10.9.0.3"}) == ["compass.1"]
assert server.rename_system(server.get_system_handle("compass.1", token), "compass.2", token) is True
assert "exists already" in fault_of(server.rename_system, server.get_system_handle("compass.2", token), "cli", token)
assert server.remove_system("compass.2", token) is True and server.remove_system("compass.2", token) is True

# What depends on another: refused, then with all that hangs on it.
assert "removal would orphan" in fault_of(server.remove_distro, "go-distro", token, False)
assert server.remove_distro("go-distro", token) is True
assert server.get_profile("go-profile") == "~" and server.get_system("cli") == "~"
for what in ("image", "repo", "mgmtclass", "package", "file", "menu"):
    assert server.remove_item(what, "go-" + what, token) is True
assert server.logout(token) is True
print("done")
