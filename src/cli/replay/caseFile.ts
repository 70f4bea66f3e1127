import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { isReason } from '../../aadsts/reasons.ts'
import { normalizeDomain, principalNameKey, principalNameProblem } from '../../directory/upn.ts'
import { printableLine } from '../printable.ts'
import { UsageError } from '../usageError.ts'

/**
 * A case (DESIGN.md section 7): one response with all that its verdict depends on. Keys that are not listed here are refused by
 * name, for a misspelt key would silently judge something else.
 */
const certificates = z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(3)], {
  error: 'must be a certificate or its path, or an array of one to three of them',
})

const domainName = z.string().transform((text, context) => {
  const domain = normalizeDomain(text)
  if (domain !== null) return domain
  context.addIssue({ code: 'custom', message: `"${text}" is no domain name` })
  return z.NEVER
})

const federation = z.strictObject({
  issuerUri: z.string().min(1),
  /** A-labels in lower case from here on, as the directory has them. */
  domains: z.array(domainName),
  displayName: z.string().optional(),
  signingCertificate: certificates,
  nextSigningCertificate: z.string().min(1).nullish(),
  /** SHA-256 thumbprints of certificates that it had before. */
  formerSigningCertificates: z.array(z.string().regex(/^[0-9a-f]{64}$/)).optional(),
  federatedIdpMfaBehavior: z
    .enum(['acceptIfMfaDoneByFederatedIdp', 'enforceMfaByFederatedIdp', 'rejectMfaByFederatedIdp'])
    .optional(),
  nameIdFormats: z.array(z.string()).min(1).optional(),
  requireIdpEmailMatch: z.boolean().optional(),
  allowSha1Signatures: z.boolean().optional(),
  allowInclusiveCanonicalization: z.boolean().optional(),
  requireSignedResponse: z.boolean().optional(),
  requireEncryptedAssertion: z.boolean().optional(),
  allowCbcEncryption: z.boolean().optional(),
  expiredCertificates: z.enum(['refuse', 'warn']).optional(),
  isEnabled: z.boolean().optional(),
})

const caseTime = z.iso.datetime({ offset: true })

/** Whether a text is a time as a case has it: ISO 8601 with `Z` or an offset. */
export function isCaseTime(text: string): boolean {
  return caseTime.safeParse(text).success
}

const user = z.strictObject({
  userPrincipalName: z.string().refine((upn) => principalNameProblem(upn) === null, {
    message: 'is no user principal name like alice@customer.com',
  }),
  onPremisesImmutableId: z.string().nullable(),
  accountEnabled: z.boolean().optional(),
  displayName: z.string().optional(),
})

const caseSchema = z.strictObject({
  name: z.string().min(1),
  at: caseTime,
  response: z.string().min(1),
  encoding: z.enum(['xml', 'base64']),
  acs: z.url({ protocol: /^https?$/ }),
  audience: z.string().min(1),
  clockSkewSeconds: z.number().int().min(0).max(300).default(120),
  request: z
    .strictObject({
      id: z.string().min(1),
      federation: z.string().min(1),
      loginHint: z.string().nullish(),
      /** The request was sent so long before `at`; longer than 15 minutes is too late. */
      ageSeconds: z.number().int().min(0).optional(),
      /** The response comes from another browser than the one the request went out with. */
      otherBrowser: z.boolean().optional(),
    })
    .nullable(),
  unsolicited: z.boolean().default(false),
  federations: z.array(federation).min(1),
  users: z.array(user),
  /** IDs of assertions that were used before. */
  usedAssertions: z.array(z.string()).default([]),
  decryptionKey: z.string().nullish(),
  /** Judged as where HOMEREALM_SECOND_OPINION is on, whatever the command line says. */
  secondOpinion: z.boolean().optional(),
  expect: z
    .strictObject({
      outcome: z.enum(['signedIn', 'refused']),
      reason: z
        .string()
        .refine(isReason, { message: 'is none of the reasons in docs/reasons.md' })
        .nullish(),
      aadsts: z.number().int().nullish(),
      user: z.string().nullish(),
    })
    .optional(),
})

export type CaseContent = z.infer<typeof caseSchema>

/** What a case file holds: as above, without what has a default. */
export type WrittenCase = z.input<typeof caseSchema>

/** A case with everything it points to read in. */
export interface Case extends CaseContent {
  readonly file: string
  readonly body: string
  /** The certificates of each federation, in the order of `federations`, as text. */
  readonly certificateTexts: readonly (readonly string[])[]
  readonly decryptionKeyPem: string | null
}

/**
 * Reads a case file. Paths in it are relative to it. Throws UsageError that names the file and the key for what cannot be
 * read or is not of the form.
 */
export function readCase(file: string): Case {
  return completeCase(file, parseCase(file, readText(file)))
}

function parseCase(file: string, text: string): CaseContent {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new UsageError(`${file}: is not JSON: ${printableLine((error as Error).message)}`)
  }
  const parsed = caseSchema.safeParse(json)
  if (parsed.success) return parsed.data
  if (isSomethingElse(json)) {
    throw new UsageError(
      `${file}: is not a case: a case has name, at, response, encoding, acs, audience, request, federations and users (fixtures/cases/README.md).`,
    )
  }
  const lines = parsed.error.issues.map((issue) => {
    const place = issue.path.length > 0 ? issue.path.join('.') : 'the case'
    return issue.code === 'unrecognized_keys'
      ? `${file}: ${place} has ${issue.keys.map((key) => `"${printableLine(key)}"`).join(', ')}, which no case has. Correct the spelling or take it out.`
      : `${file}: ${place}: ${printableLine(issue.message)}`
  })
  throw new UsageError(lines.join('\n'))
}

/** JSON of another kind, a package.json for example: a list of all that it lacks would help nobody. */
function isSomethingElse(json: unknown): boolean {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return false
  return !('at' in json || 'response' in json) && Object.keys(json).length > 3
}

function completeCase(file: string, content: CaseContent): Case {
  const folder = dirname(file)
  const { request, federations, users } = content
  if (request && !federations.some((each) => each.issuerUri === request.federation)) {
    throw new UsageError(
      `${file}: request.federation "${printableLine(request.federation)}" is the issuerUri of none of its federations.`,
    )
  }
  const anchors = users.map((each) => each.onPremisesImmutableId)
  checkUnique(file, [
    ['federations: the issuerUri', federations.map((each) => each.issuerUri)],
    ['federations: the domain', federations.flatMap((each) => each.domains)],
    ['users: the userPrincipalName', users.map((each) => principalNameKey(each.userPrincipalName))],
    ['users: the onPremisesImmutableId', anchors.filter((each) => each !== null)],
  ])
  return {
    ...content,
    file,
    body: readText(resolve(folder, content.response), `${file}: response`),
    certificateTexts: federations.map((each, index) =>
      (['signingCertificate', 'nextSigningCertificate'] as const).flatMap((key) =>
        [each[key] ?? []]
          .flat()
          .map((text) => inlineOrFile(folder, text, `${file}: federations.${index}.${key}`)),
      ),
    ),
    decryptionKeyPem: content.decryptionKey
      ? inlineOrFile(folder, content.decryptionKey, `${file}: decryptionKey`)
      : null,
  }
}

/** Of two records with one key, a case would silently be judged by either. */
function checkUnique(file: string, lists: readonly (readonly [string, readonly string[]])[]): void {
  for (const [what, values] of lists) {
    const twice = values.find((value, index) => values.indexOf(value) !== index)
    if (twice !== undefined) throw new UsageError(`${file}: ${what} "${twice}" stands there twice.`)
  }
}

/** PEM or base64 stands for itself, everything else is a path. base64 of a certificate is never as short as a path. */
function inlineOrFile(folder: string, text: string, place: string): string {
  const inline = text.includes('-----BEGIN') || /^MI[A-Za-z0-9+/=\s]{300,}$/.test(text)
  return inline ? text : readText(resolve(folder, text), place)
}

/** Cases and responses are small; a larger file is a mistake. */
const FILE_LIMIT = 4 * 1024 * 1024

export function readText(file: string, place = file): string {
  try {
    const bytes = readFileSync(file)
    if (bytes.length > FILE_LIMIT) throw new UsageError(`${place}: ${file} is larger than 4 MiB.`)
    // latin1 would hide a broken encoding, and utf8 would replace it: the verifier must see what is there.
    const text = bytes.toString('utf8')
    if (!Buffer.from(text, 'utf8').equals(bytes)) {
      throw new UsageError(
        `${place}: ${file} is not UTF-8. Keep a response as base64 ("encoding": "base64"), a certificate as PEM.`,
      )
    }
    return text
  } catch (error) {
    if (error instanceof UsageError) throw error
    const { code, message } = error as NodeJS.ErrnoException
    const why =
      code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message
    throw new UsageError(`${place}: cannot read ${file}: ${why}.`)
  }
}
