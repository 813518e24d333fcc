"""OpenStack's sushy as a client of a Redfish service: host and certificate are arguments, user and password come by stdin.

Prints one JSON object of what it saw; test/e2e/redfish.test.ts compares it with what the service holds.
"""

import json
import sys

import sushy

ORIGIN, CERTIFICATE, ACCOUNT = sys.argv[1], sys.argv[2], json.load(sys.stdin)
SEEN = {}


def connect(password):
    return sushy.Sushy(f"{ORIGIN}/redfish/v1", username=ACCOUNT["user"], password=password, verify=CERTIFICATE)


def boot_of(system):
    system.refresh(force=True)
    return [system.boot["target"].value, system.boot["enabled"].value, system.boot["mode"].value]


service = connect(ACCOUNT["pass"])
system = service.get_system()
SEEN["power"] = [system.power_state.value]
SEEN["allowed"] = sorted(value.value for value in system.get_allowed_reset_system_values())
for reset in (sushy.RESET_ON, sushy.RESET_FORCE_OFF):
    system.reset_system(reset)
    system.refresh(force=True)
    SEEN["power"].append(system.power_state.value)
system.set_system_boot_options(sushy.BOOT_SOURCE_TARGET_PXE, enabled=sushy.BOOT_SOURCE_ENABLED_ONCE)
SEEN["boot"] = boot_of(system)
system.set_indicator_led(sushy.INDICATOR_LED_BLINKING)
system.refresh(force=True)
SEEN["led"] = system.indicator_led.value

media = service.get_manager("/redfish/v1/Managers/BMC").virtual_media.get_members()
slot = next(one for one in media if sushy.VIRTUAL_MEDIA_CD in one.media_types)
slot.insert_media("http://192.0.2.1/live.iso")
slot.refresh(force=True)
SEEN["media"] = [slot.image, slot.inserted]
slot.eject_media()
slot.refresh(force=True)
SEEN["media"] += [slot.image, slot.inserted]
try:
    connect("wrong-one").get_system()
except sushy.exceptions.AccessError as error:
    SEEN["wrong"] = error.status_code
print(json.dumps(SEEN))
