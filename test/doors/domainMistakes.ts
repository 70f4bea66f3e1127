import { key } from '../support/signedMessage.ts'
import { type Mistake, noDomains } from './mistake.ts'
import type { DoorSite } from './site.ts'

type Args = readonly string[]
type Call = readonly [method: string, path: string, body?: object]

/** A mistake about domains, as a command and as a call of Graph. */
function domainMistake(name: string, reason: string, args: Args, call: Call | string): Mistake {
  const by: Mistake['by'] = {
    csv: noDomains,
    scim: noDomains,
    scimExternal: noDomains,
    commandLine: (site) => site.command('domains', ...args),
    graph:
      typeof call === 'string'
        ? call
        : (site) => site.graph(call[0], call[1], call[2] === undefined ? {} : { body: call[2] }),
  }
  return { name, reason, by }
}

const federation = {
  issuerUri: 'urn:new:idp',
  passiveSignInUri: 'https://okta.example/sso',
  signingCertificate: key.certificateBase64,
}

function federateMistake(
  name: string,
  reason: string,
  domain: string,
  wrong: Partial<typeof federation> = {},
): Mistake {
  const { issuerUri, passiveSignInUri, signingCertificate } = { ...federation, ...wrong }
  const graph = (site: DoorSite) =>
    site.graph('POST', `/domains/${domain}/federationConfiguration`, {
      body: { issuerUri, passiveSignInUri, signingCertificate },
    })
  const commandLine = (site: DoorSite) =>
    site.command(
      ...['domains', 'federate', domain, '--issuer', issuerUri, '--yes'],
      ...['--sign-in-url', passiveSignInUri],
      ...['--certificate', site.file('idp.cer', signingCertificate)],
    )
  const by = { csv: noDomains, scim: noDomains, scimExternal: noDomains, commandLine, graph }
  return { name, reason, by }
}

const remove = (domain: string) =>
  [
    ['remove', domain, '--yes'],
    ['DELETE', `/domains/${domain}`],
  ] as const

export const domainMistakes: readonly Mistake[] = [
  domainMistake(
    'a domain that is none',
    'id domainMalformed',
    ['add', 'a_b.example', '--trust'],
    [...(['POST', '/domains', { id: 'a_b.example' }] as const)],
  ),
  domainMistake(
    'a domain that is here',
    'id domainExists',
    ['add', 'CUSTOMER.com'],
    [...(['POST', '/domains', { id: 'CUSTOMER.com' }] as const)],
  ),
  domainMistake(
    'the default domain removed',
    'domains domainIsDefault',
    ...remove('managed.example'),
  ),
  domainMistake('a domain with users removed', 'domains domainHasUsers', ...remove('customer.com')),
  domainMistake(
    'a domain removed that another follows',
    'domains domainHasSubdomains',
    ...remove('above.example'),
  ),
  domainMistake(
    'a federated domain as the default',
    'id domainIsFederated',
    ['default', 'customer.com'],
    ['PATCH', '/domains/customer.com', { isDefault: true }],
  ),
  domainMistake(
    'a root promoted',
    'id domainIsRoot',
    ['promote', 'above.example'],
    [...(['POST', '/domains/above.example/promote'] as const)],
  ),
  domainMistake(
    'a managed domain managed again',
    'domains domainIsManaged',
    ['manage', 'above.example', '--yes'],
    'a PATCH that says what holds is no change, as setup guides send it',
  ),
  federateMistake(
    'a domain federated that is not verified',
    'domains domainNotVerified',
    'unproven.example',
  ),
  federateMistake('the default domain federated', 'domains domainIsDefault', 'managed.example'),
  federateMistake(
    'a domain of Microsoft federated',
    'domains domainCannotBeFederated',
    't.onmicrosoft.com',
  ),
  federateMistake(
    'a subdomain federated by itself',
    'domains domainFollowsAnother',
    'below.above.example',
  ),
  federateMistake('an issuer that is no URI', 'issuerUri issuerMalformed', 'above.example', {
    issuerUri: 'not a uri',
  }),
  federateMistake(
    'a sign-in address without TLS',
    'passiveSignInUri uriMalformed',
    'above.example',
    {
      passiveSignInUri: 'http://okta.example/sso',
    },
  ),
  federateMistake(
    'a certificate that is none',
    'signingCertificate certificateMalformed',
    'above.example',
    {
      signingCertificate: 'AAAA',
    },
  ),
  {
    name: 'the issuer of another federation, with other settings',
    reason: 'issuerUri issuerTaken',
    by: {
      ...federateMistake('', '', 'above.example', { issuerUri: 'urn:twin:idp' }).by,
      commandLine: 'it shows that the other federation would change, for all its domains, and asks',
    },
  },
]
