/**
 * The rules that join several settings. Each sees only settings that are valid by themselves (the
 * others are undefined), so that one mistake is reported once, and none depends on another's outcome.
 */
import type { Draft, Tell } from './draft.ts'
import { Fault } from './issue.ts'
import { secondsUntilStale } from './staleness.ts'
import { tlsFiles } from './tls-files.ts'

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
  for (const { cert, key } of tlsFiles(draft)) {
    const [certName, keyName] = [cert, key].map((file) => file.key.at(-1))
    if (cert.path && key.path === '') {
      tell(cert.key, new Fault('has no private key', `set ${keyName} as well, or leave both out`))
    }
    if (key.path && cert.path === '') {
      tell(key.key, new Fault('has no certificate', `set ${certName} as well, or leave both out`))
    }
  }
  checkMaxStale(draft, tell)
}

/** Answers are not to be withheld before they are even old, let alone marked as such. */
function checkMaxStale({ maxStale, staleAfter, refreshSeconds }: Draft, tell: Tell): void {
  if (!maxStale || staleAfter === undefined || refreshSeconds === undefined) return
  const marked = secondsUntilStale({ staleAfter, refreshSeconds })
  if (maxStale < refreshSeconds) {
    tell(
      ['maxStale'],
      new Fault(
        `is less than refreshSeconds (${refreshSeconds}), so names would fail between two fetches`,
        `set ${Math.max(refreshSeconds, marked)} or more, or 0 for never`,
      ),
    )
  } else if (maxStale < marked) {
    const source = staleAfter > 0 ? 'staleAfter' : 'staleAfter, three times refreshSeconds'
    tell(
      ['maxStale'],
      new Fault(
        `is less than ${source} (${marked}), so names would fail before they are marked as stale`,
        `set ${marked} or more, or 0 for never, or lower staleAfter`,
      ),
    )
  }
}
