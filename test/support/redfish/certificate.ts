/** Certificates as controllers have them, made by openssl when a test wants one: signed by themselves, expired, for other names. */
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exec } from '../../../src/lib/exec.ts'
import { needPackages } from '../debian.ts'

export interface Certificate {
  readonly key: string
  readonly cert: string
  /** 64 hexadecimal digits. */
  readonly sha256: string
}

/** @param names as openssl has them, `IP:127.0.0.1` or `DNS:bmc1` */
export async function makeCertificate(names = 'IP:127.0.0.1', days = 2): Promise<Certificate> {
  await needPackages('openssl')
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-test-'))
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-x509', '-sha256']
    const what = ['-subj', '/CN=bmc', '-days', String(days), '-addext', `subjectAltName=${names}`]
    await exec('openssl', ['req', ...kind, '-keyout', key, '-out', cert, ...what])
    const pem = readFileSync(cert, 'utf8')
    const sha256 = new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase()
    return { key: readFileSync(key, 'utf8'), cert: pem, sha256 }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
