import type { Draft, Tell } from './draft.ts'
import { Fault } from './issue.ts'

/** What works, but probably not as meant. */
export function adviseOn(draft: Draft, wasGiven: (key: string) => boolean, tell: Tell): void {
  const { mesosAuthentication, mesosCredentials, allowRecursion } = draft

  adviseOnZookeeper(draft, tell)
  adviseOnUpdates(draft, tell)
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

function adviseOnZookeeper({ zk, zkTls, zkStrict, zkDetectionTimeout }: Draft, tell: Tell): void {
  // What a file names as zk is known only once it is opened.
  const hasZookeeper = zk === undefined || /^(zk|file):\/\//.test(zk)
  if (zkTls?.on === true && hasZookeeper && zkTls.caCertFile === '') {
    tell(
      ['zkTLS'],
      new Fault(
        'THE ZOOKEEPER SERVERS’ CERTIFICATES ARE NOT VERIFIED: whoever is in between reads the credentials and names the masters',
        'set zkTLS.caCertFile',
      ),
    )
  }
  const { on = false, caCertFile = '', certFile = '', keyFile = '' } = zkTls ?? {}
  const hasFiles = caCertFile + certFile + keyFile !== ''
  if ((on || hasFiles) && !hasZookeeper) {
    tell(['zkTLS'], new Fault('is not used', 'set "zk": "zk://host:port/path", or remove it'))
  } else if (hasFiles && !on) {
    tell(['zkTLS'], new Fault('is not used', 'set "on": true in it, or remove it'))
  }
  if (zkStrict !== true) return
  if (!hasZookeeper) {
    tell(['zkStrict'], new Fault('is not used', 'set "zk": "zk://host:port/path", or remove it'))
  } else if (zkDetectionTimeout === 0) {
    tell(
      ['zkStrict'],
      new Fault('never ends the process, as zkDetectionTimeout is 0', 'set zkDetectionTimeout'),
    )
  }
}

function adviseOnUpdates({ updates, auditSeconds, refreshSeconds }: Draft, tell: Tell): void {
  if (updates === undefined || updates === 'poll') return
  if (auditSeconds === undefined || refreshSeconds === undefined) return
  if (auditSeconds >= refreshSeconds) return
  tell(
    ['auditSeconds'],
    new Fault(
      `is less than refreshSeconds (${refreshSeconds}), so with the event stream the state is fetched more often than without`,
      `set ${refreshSeconds} or more, or lower refreshSeconds`,
    ),
  )
}
