/**
 * The rules that join several settings. Each sees only settings that are valid by themselves (the
 * others are undefined), so that one mistake is reported once, and none depends on another's outcome.
 */
import { Fault } from './issue.ts'
import type { Settings } from './schema.ts'

export type Draft = { readonly [F in keyof Settings]?: Settings[F] | undefined }

/** Takes a fault at a path in canonical spelling. */
export type Tell = (path: readonly PropertyKey[], fault: Fault) => void

/** What cannot work; `tell` is called for everything that is wrong. */
export function checkRules(draft: Draft, tell: Tell): void {
  const { dnsOn, httpOn, zk, masters, mesosAuthentication, mesosCredentials } = draft

  if (dnsOn === false && httpOn === false) {
    tell(['dnson'], new Fault('both DNS and the REST API are off', 'set dnson or httpon to true'))
  }
  if (zk === '' && masters?.length === 0) {
    tell(
      ['masters'],
      new Fault(
        'no Mesos master is given',
        'set "masters": ["10.0.0.1:5050"] or "zk": "zk://10.0.0.1:2181/mesos"',
      ),
    )
  }
  if (mesosCredentials !== undefined) {
    const { principal, secret, secretFile } = mesosCredentials
    if (secret !== '' && secretFile !== '') {
      tell(
        ['mesosCredentials', 'secretFile'],
        new Fault('the secret is given twice', 'leave either secret or secretFile out'),
      )
    }
    if (mesosAuthentication === 'basic' && principal + secret + secretFile === '') {
      tell(
        ['mesosCredentials'],
        new Fault(
          'basic authentication has no credentials',
          'set "mesosCredentials": {"principal": "…", "secretFile": "/path"}',
        ),
      )
    }
  }
  if (draft.cookieSecret && draft.cookieSecretFile) {
    tell(
      ['cookieSecretFile'],
      new Fault('the secret is given twice', 'leave either cookieSecret or cookieSecretFile out'),
    )
  }
  if (mesosAuthentication === 'iam' && draft.iamConfigFile === '') {
    tell(
      ['IAMConfigFile'],
      new Fault('iam authentication has no configuration', 'set "IAMConfigFile": "/path/iam.json"'),
    )
  }
  if (draft.certFile && draft.keyFile === '') {
    tell(['CertFile'], new Fault('has no private key', 'set KeyFile as well, or leave both out'))
  }
  if (draft.keyFile && draft.certFile === '') {
    tell(['KeyFile'], new Fault('has no certificate', 'set CertFile as well, or leave both out'))
  }
}

/** What works, but probably not as meant. */
export function adviseOn(draft: Draft, wasGiven: (key: string) => boolean, tell: Tell): void {
  const { mesosAuthentication, mesosCredentials, allowRecursion } = draft

  if (draft.mesosHttpsOn === true && draft.caCertFile === '') {
    tell(
      ['MesosHTTPSOn'],
      new Fault(
        'THE MASTERS’ CERTIFICATES ARE NOT VERIFIED: whoever is in between reads the credentials and makes the records',
        'set CACertFile',
      ),
    )
  } else if (mesosAuthentication === 'iam' && draft.caCertFile === '') {
    tell(
      ['mesosAuthentication'],
      new Fault(
        'THE LOGIN ENDPOINT’S CERTIFICATE IS NOT VERIFIED: whoever is in between can take its place',
        'set CACertFile',
      ),
    )
  }
  if (mesosAuthentication !== undefined && mesosAuthentication !== 'basic') {
    const { principal = '', secret = '', secretFile = '' } = mesosCredentials ?? {}
    if (principal + secret + secretFile !== '') {
      tell(
        ['mesosCredentials'],
        new Fault('is not used', 'set "mesosAuthentication": "basic", or remove it'),
      )
    }
  }
  if (mesosAuthentication === 'basic' && /:/.test(mesosCredentials?.principal ?? '')) {
    tell(
      ['mesosCredentials', 'principal'],
      new Fault(
        'has a colon, which HTTP basic authentication cannot carry (RFC 7617 §2)',
        'use a principal without one',
      ),
    )
  }
  if (mesosAuthentication === '' && draft.iamConfigFile) {
    tell(
      ['IAMConfigFile'],
      new Fault('is not used', 'set "mesosAuthentication": "iam", or remove it'),
    )
  }
  if (draft.cookies === false) {
    for (const key of ['cookieSecret', 'cookieSecretFile'] as const) {
      if (!draft[key]) continue
      tell([key], new Fault('is not used', 'set "cookies": true, or remove it'))
    }
  }
  if (draft.domain !== undefined && draft.domain !== 'mesos' && !wasGiven('SOAMname')) {
    tell(
      ['SOAMname'],
      new Fault(
        'is still ns1.mesos, outside the domain, so the NS record leads nowhere',
        `set "SOAMname": "ns1.${draft.domain}"`,
      ),
    )
  }
  if (draft.externalOn === true) {
    for (const [i, network] of (allowRecursion ?? []).entries()) {
      if (!network.endsWith('/0')) continue
      tell(
        ['allowRecursion', i],
        new Fault(
          'makes this an open resolver, which others can abuse for attacks',
          'name the networks of your clients',
        ),
      )
    }
  }
}
