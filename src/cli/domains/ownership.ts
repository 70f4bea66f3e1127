import type { Command } from 'commander'
import { judgeTxtAnswers, type TxtAnswer } from '../../admin/domains/txtAnswers.ts'
import { type TxtLookup, txtLookup } from '../../admin/domains/txtLookup.ts'
import { recorded } from '../../directory/domainHistory.ts'
import type { DomainOwnership } from '../../directory/domainRecords.ts'
import { addDomainWithin, domainName } from '../../directory/domains.ts'
import { markVerified, newVerificationCode, verifiableDomain } from '../../directory/ownership.ts'
import type { Domain } from '../../directory/types.ts'
import { isoSeconds } from '../../lib/clock.ts'
import { systemRandom } from '../../lib/ids.ts'
import { actor } from '../actor.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { withStore } from './command.ts'

/** Makes the way to ask for TXT records; a test hands in one that asks its own servers. */
export type MakeLookup = (options: Parameters<typeof txtLookup>[0]) => TxtLookup

/** `homerealm domains add` and `verify`: a domain must be proven to be the tenant's before it federates anything. */
export function addOwnershipCommands(
  domains: Command,
  surroundings: Surroundings,
  makeLookup: MakeLookup = txtLookup,
): void {
  const { print } = surroundings

  domains
    .command('add')
    .description(
      'add managed domains, all or none, and print the TXT record that proves each yours',
    )
    .argument('<domain...>', 'their names: customer.com')
    .option('--trust', 'take it as yours without proof, in a network without DNS; this is recorded')
    .option('--json', 'print JSON')
    .action((names: string[], { trust = false, json }: AddOptions) =>
      withStore(surroundings, false, async (store) => {
        const act = actor()
        const { result: added } = await recorded(store, 'add', act, async (tx) => {
          const all: Added[] = []
          for (const name of names) {
            const record = { ...act, code: newVerificationCode(systemRandom) }
            const domain = await addDomainWithin(tx, name, { isVerified: trust, record })
            all.push({ domain, ownership: await tx.domainRecords.ownership(domain.id) })
          }
          return all
        })
        if (json) return print(JSON.stringify(added.map(addedJson), null, 2))
        for (const { domain, ownership } of added) print(addedText(domain, ownership))
      }),
    )

  domains
    .command('verify')
    .description('look for the TXT record of a domain, at every name server that serves it')
    .argument('<domain>', 'its name: customer.com')
    .option('--trust', 'take it as yours without proof, in a network without DNS; this is recorded')
    .option(
      '--resolver-only',
      'ask the resolvers (HOMEREALM_DNS_SERVERS) alone, where no other DNS is let out',
    )
    .option('--json', 'print JSON')
    .action((name: string, options: VerifyOptions) =>
      withStore(surroundings, false, async (store) => {
        const id = domainName(name)
        const found = await verifiableDomain(store, id, systemRandom)
        const say = (said: object, text: string) =>
          print(options.json ? JSON.stringify({ domain: id, ...said }, null, 2) : text)
        if (found.domain.isVerified) {
          const { code, proof } = found.ownership
          return say(
            { isVerified: true, code, proof, problem: null, answers: [] },
            `${id} is verified already: ${proofInWords(found.ownership)}.`,
          )
        }
        const by = { ...actor(), random: systemRandom }
        const { code } = found.ownership
        if (options.trust) {
          await markVerified(store, id, 'trusted', by)
          return say(
            { isVerified: true, code, proof: 'trusted', problem: null, answers: [] },
            `${id} is verified on the word of ${by.who}, without proof. It is recorded as such.`,
          )
        }
        const lookup = makeLookup({
          resolvers: surroundings.config().dnsServers,
          resolverOnly: options.resolverOnly === true,
        })
        const finding = judgeTxtAnswers(id, code, await lookup(id))
        const { problem, message, answers } = finding
        const verified = problem === null ? await markVerified(store, id, 'dns', by) : []
        const proof = problem === null ? 'dns' : null
        const also = verified.map((each) => each.id).filter((each) => each !== id)
        const lines = [
          problem === null ? `${id} is verified. ${message}` : `${id} is NOT verified. ${message}`,
          ...answers.map(answerLine),
          ...also.map((each) => `  ${each} is verified with it`),
        ]
        say(
          { isVerified: problem === null, code, proof, problem, message, answers },
          printable(lines.join('\n')),
        )
        if (problem !== null) surroundings.exit(1)
      }),
    )
}

interface AddOptions {
  readonly trust?: boolean
  readonly json?: boolean
}

interface VerifyOptions {
  readonly trust?: boolean
  readonly resolverOnly?: boolean
  readonly json?: boolean
}

interface Added {
  readonly domain: Domain
  readonly ownership: DomainOwnership | null
}

function addedJson({ domain, ownership }: Added): object {
  return { domain: domain.id, isVerified: domain.isVerified, code: ownership?.code ?? null }
}

function addedText(added: Domain, ownership: DomainOwnership | null): string {
  const head = `Added ${added.id} (${added.authenticationType.toLowerCase()}).`
  const federateIt = `homerealm domains federate ${added.id} --metadata FILE`
  if (added.isVerified) {
    const inherits = ownership?.proof === 'inherited'
    return inherits
      ? `${head} It follows the domain above it, and is verified with it.`
      : `${head} It is verified on your word (--trust), without proof. Federate it: ${federateIt}`
  }
  return [
    `${head} Prove that it is yours with this record in its DNS zone:`,
    '',
    ...recordLines(added.id, ownership?.code ?? ''),
    '',
    `Then: homerealm domains verify ${added.id}. Until then it signs nobody in, and cannot be federated.`,
  ].join('\n')
}

/** The TXT record as the forms of DNS providers ask for it. */
export function recordLines(domain: string, code: string): readonly string[] {
  return [
    '  type   TXT',
    `  name   ${domain} (many forms want @ for it)`,
    `  value  ${code}`,
    '  TTL    3600',
  ]
}

/** Why a domain is taken for the tenant's. */
export function proofInWords({ proof, verifiedAt, verifiedBy }: DomainOwnership): string {
  const when = verifiedAt === null ? '' : `, ${isoSeconds(verifiedAt)}`
  const who = verifiedBy === null ? '' : ` of ${verifiedBy}`
  switch (proof) {
    case 'dns':
      return `by its TXT record${when}`
    case 'trusted':
      return `on the word${who || ' of whoever added it'}, WITHOUT PROOF${when}`
    case 'inherited':
      return `with the domain above it${when}`
    case null:
      return 'not proven'
  }
}

function answerLine({ server, said }: TxtAnswer): string {
  if ('error' in said) return `  ${server}: ${said.error}`
  const records = said.records.map((record) => JSON.stringify(record.slice(0, 120)))
  const more = records.length > 10 ? ` and ${records.length - 10} more` : ''
  return `  ${server}: ${records.slice(0, 10).join(' ') || 'no TXT record'}${more}`
}
