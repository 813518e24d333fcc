/**
 * ProxyDHCP (PXE 2.1, section 2.2): another server gives the addresses, we only say what to boot. A machine that boots takes
 * both answers together; nobody else hears of us. What it does not get from us is written nowhere.
 */
import { addressNamed, type DhcpAnswer, type DhcpState, silence } from './answer.ts'
import { bootOf } from './boot-wish.ts'
import { proxyReply, type ReplyContext } from './reply.ts'
import { isForUs } from './request.ts'

export function decideProxy(context: ReplyContext, state: DhcpState): DhcpAnswer {
  const { request } = context
  const { type, serverId, ciaddr, mac } = request
  if (type === 'request' && !isForUs(request, state.server)) {
    // It tells everybody which address it takes: so we know later who asks for a file.
    const ip = addressNamed(request)
    const changes = ip === undefined ? [] : ([{ change: 'heard', ip, mac }] as const)
    return { ...silence(`it has ${ip ?? 'its address'} from ${serverId}`), changes }
  }
  if (!request.boot) return silence('another server gives addresses here, and it does not boot')
  switch (type) {
    case 'discover':
      return answer('offer', context, state)
    case 'request':
    case 'inform': {
      // Who asks the boot server has its address, and asks from there (PXE 2.1, section 2.2.4).
      if (ciaddr === undefined) return silence('another server gives addresses here')
      const answered = answer('ack', context, state)
      return answered.reply ? { ...answered, changes: [{ change: 'heard', ip: ciaddr, mac }] } : answered
    }
    default:
      return silence(`a ${type.toUpperCase()} for the server that gives addresses`)
  }
}

function answer(kind: 'offer' | 'ack', context: ReplyContext, state: DhcpState): DhcpAnswer {
  const boot = bootOf(context.request, state)
  if (!boot.ok) return silence(boot.because)
  if (!boot.booting) return silence(boot.because || 'there is nothing to boot from here')
  return {
    kind,
    reply: proxyReply(kind, context, boot.booting),
    changes: [],
    because: `${boot.because}; its address is another server's matter`,
  }
}
