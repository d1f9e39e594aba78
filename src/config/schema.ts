/** Every setting, validated, with defaults filled in. Durations are in seconds unless said otherwise. */
export interface Config {
  readonly zk: string
  /** `host:port`, IPv6 in brackets; hosts may be names. */
  readonly masters: readonly string[]
  readonly zkDetectionTimeout: number
  readonly refreshSeconds: number
  readonly stateTimeoutSeconds: number
  readonly ttl: number
  /** Lower case, no trailing dot. */
  readonly domain: string
  readonly port: number
  readonly listener: string
  readonly httpListener: string
  readonly httpPort: number
  readonly dnsOn: boolean
  readonly httpOn: boolean
  readonly externalOn: boolean
  /** Normalised `ip:port`, IPv6 in brackets. Empty: those of the host's resolv.conf. */
  readonly resolvers: readonly string[]
  /** Zone (lower case, no trailing dot) → normalised `ip:port` list. */
  readonly zoneResolvers: Readonly<Record<string, readonly string[]>>
  readonly timeout: number
  readonly ipSources: readonly string[]
  readonly enforceRfc952: boolean
  /** With one trailing dot. */
  readonly soaMname: string
  /** With one trailing dot, `@` turned into `.`. */
  readonly soaRname: string
  readonly soaRefresh: number
  readonly soaRetry: number
  readonly soaExpire: number
  readonly soaMinttl: number
  readonly recurseOn: boolean
  readonly srvRecordDefaultWeight: number
  readonly setTruncateBit: boolean
  readonly enumerationOn: boolean
  readonly mesosHttpsOn: boolean
  readonly caCertFile: string
  readonly certFile: string
  readonly keyFile: string
  readonly mesosAuthentication: '' | 'basic' | 'iam'
  readonly mesosCredentials: { readonly principal: string; readonly secret: string }
  readonly iamConfigFile: string
  readonly reverseDnsOn: boolean
  readonly resolvSubnetFirst: boolean
  /** Absolute path of the file it came from; `''` if none. */
  readonly file: string

  readonly ordering: 'random' | 'roundrobin' | 'fixed'
  /** Most records of a set in one answer; 0 means all. */
  readonly maxAnswers: number
  readonly health: 'include' | 'exclude' | 'require'
  readonly staticRecords: readonly StaticRecord[]
  /** Networks in CIDR form whose clients may have other names looked up. */
  readonly allowRecursion: readonly string[]
  /** Largest UDP answer sent, whatever the client offers (512..4096, default 1232). */
  readonly ednsBufferSize: number
  /** NSID (RFC 5001) text; `''` turns it off, `auto` (the default) is the host name. */
  readonly nsid: string
  /** Answers version.bind, id.server, … in class CH. */
  readonly chaosOn: boolean
  /** Seconds a TCP connection may be idle (default 10). */
  readonly tcpIdleTimeout: number
  /** Most TCP connections at once (default 1000), and from one address (default 100). */
  readonly tcpMaxConnections: number
  readonly tcpMaxConnectionsPerClient: number
  /** Behaviours of Mesos-DNS that are wrong but that somebody may rely on; all false by default. */
  readonly compat: {
    /** SOA minimum is `ttl` instead of SOAMinttl. */
    readonly soaMinimumFromTtl: boolean
    /** SRV for a name that does not exist is NOERROR without SOA instead of NXDOMAIN. */
    readonly srvMissNoError: boolean
  }
}

/** A record the operator adds to the zone. */
export interface StaticRecord {
  /** Below or at the domain, with a trailing dot, lower case. */
  readonly name: string
  readonly type: 'A' | 'AAAA' | 'SRV' | 'CNAME' | 'TXT'
  /** Seconds; undefined means `ttl`. */
  readonly ttl: number | undefined
  /** Presentation format as in RRset.rdata. */
  readonly rdata: string
}
