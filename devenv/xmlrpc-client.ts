/** Calls Orchestra, or a Cobbler, over XML-RPC: one method, one answer. */
import { request } from 'undici'
import { decodeAnswer } from '../src/xmlrpc/codec.ts'
import { encodeCall } from '../src/xmlrpc/encode.ts'
import type { Value } from '../src/xmlrpc/value.ts'

export type Call = (method: string, ...args: Value[]) => Promise<Value>

/** @param url of the server; its `/cobbler_api` is asked. Calls throw Error with the fault's own words. */
export function xmlRpcClient(url: string): Call {
  const endpoint = new URL('/cobbler_api', url)
  return async (method, ...args) => {
    const { statusCode, body } = await request(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'text/xml' },
      body: encodeCall(method, args),
    }).catch((cause: Error) => {
      throw new Error(`nobody answers at ${endpoint.href}: ${cause.message}`, { cause })
    })
    const bytes = Buffer.from(await body.arrayBuffer())
    if (statusCode !== 200) throw new Error(`${endpoint.href} answered ${statusCode} to ${method}`)
    const answer = decodeAnswer(bytes)
    if (!answer.ok) throw new Error(`${method}: ${answer.fault}`)
    return answer.value
  }
}
