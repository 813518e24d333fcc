/** The probe for DHCP servers: its DISCOVER is one that servers answer, and only the OFFERs to it are heard. */
import { describe, expect, test } from 'vitest'
import { decode, encode } from '../../src/dhcp/codec.ts'
import { decideDhcp } from '../../src/dhcp/decide.ts'
import { MESSAGE, OPTION, ofU8 } from '../../src/dhcp/options.ts'
import { offeringOf, probeDiscover } from '../../src/dhcp/probe.ts'
import { readRequest } from '../../src/dhcp/request.ts'
import { aState, CLIENT } from '../support/dhcp.ts'

const XID = 0xfeed_beef
const discover = probeDiscover(CLIENT, XID)
const { reply } = decideDhcp(readRequest(decode(encode(discover))), aState())
if (!reply) throw new Error('a server does not answer')

describe('an OFFER', () => {
  test('to the probe is heard', () => {
    expect(offeringOf(decode(encode(reply)), XID)).toEqual({ server: '10.77.0.1', offered: '10.77.0.100' })
  })

  test('to somebody else is not', () => {
    expect(offeringOf(reply, XID + 1)).toBeUndefined()
  })

  test('without a server identifier is known by its next server, and by nothing else', () => {
    const options = new Map(reply.options)
    options.delete(OPTION.serverId)
    expect(offeringOf({ ...reply, options }, XID)?.server).toBe('10.77.0.1')
    expect(offeringOf({ ...reply, options, siaddr: discover.siaddr }, XID)).toBeUndefined()
  })
})

test('no other message is an offer to a probe; an ACK tells of a server all the same', () => {
  for (const kind of Object.values(MESSAGE)) {
    const packet = { ...reply, options: new Map([...reply.options, [OPTION.messageType, ofU8(kind)] as const]) }
    expect(offeringOf(packet, XID) !== undefined).toBe(kind === MESSAGE.offer)
    expect(offeringOf(packet) !== undefined).toBe(kind === MESSAGE.offer || kind === MESSAGE.ack)
  }
  expect(offeringOf(discover)).toBeUndefined()
})
