/** DHCP tells of a machine that is stopped what everybody tells: its disk, and why. */
import { expect, test } from 'vitest'
import { decideDhcp } from '../../src/dhcp/decide.ts'
import { aKnown, aRequest, aState } from '../support/dhcp.ts'

test('a machine that installs again and again is sent to its disk, with the reason', () => {
  const stopped = 'reinstall loop: 4 installs in 23 min, none ended'
  const told = (known: ReturnType<typeof aKnown>) =>
    decideDhcp(aRequest('discover', { arch: 7 }), aState({ known })).because
  expect(told(aKnown())).toMatch(/uefi-x64 to install with [^()]*$/)
  expect(told({ ...aKnown(), stopped })).toMatch(
    /uefi-x64 to local with .* \(reinstall loop: 4 installs in 23 min, none ended\)$/,
  )
})
