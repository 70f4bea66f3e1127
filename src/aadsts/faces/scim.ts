/** An error towards a client of SCIM. */
export interface ScimRefusal {
  readonly status: number
  /** RFC 7644 section 3.12, table 9; null where it has no word for it. */
  readonly scimType: string | null
  /** What is wrong and what would be right, in sentences. */
  readonly detail: string
  /** The rules of the directory that were broken, by the names that every door reports. */
  readonly problems?: readonly {
    readonly rule: string
    readonly attribute: string
    readonly message: string
  }[]
}

const errorUrn = 'urn:ietf:params:scim:api:messages:2.0:Error'
const problemsUrn = 'urn:ietf:params:scim:schemas:extension:homerealm:2.0:Error'

/** The SCIM face: the body of an error (RFC 7644 section 3.12), and in an extension of it the rules that were broken. */
export function scimErrorBody({
  status,
  scimType,
  detail,
  problems = [],
}: ScimRefusal): Readonly<Record<string, unknown>> {
  const hasProblems = problems.length > 0
  return {
    schemas: hasProblems ? [errorUrn, problemsUrn] : [errorUrn],
    status: String(status),
    ...(scimType !== null && { scimType }),
    detail,
    ...(hasProblems && { [problemsUrn]: { problems } }),
  }
}
