import {
  type DoorName,
  kept,
  type ModelGroup,
  type ModelImport,
  type ModelRecord,
  notFound,
  type Outcome,
  type Person,
  refused,
  type Write,
} from './modelTypes.ts'
import {
  clearable,
  federated,
  flipping,
  international,
  managed,
  properties,
  rulesBrokenBy,
  upnOf,
  type Value,
  type Values,
} from './pool.ts'

/** The directory as plain lists, with the rules as docs/administration-api.md, docs/scim.md and docs/audit.md tell them. */
export class Model {
  readonly people: Person[] = []
  readonly groups: ModelGroup[] = []
  readonly log: ModelRecord[] = []
  readonly imports: ModelImport[] = []
  readonly domains = new Map([
    [managed, 'Managed'],
    [federated, 'Federated'],
    [international, 'Managed'],
    [flipping, 'Managed'],
  ])
  #stamps = 0

  stamp(): number {
    return ++this.#stamps
  }

  here(): Person[] {
    return this.people.filter(({ isHere }) => isHere)
  }

  record(
    record: Omit<ModelRecord, 'id' | 'undoes'> & { undoes?: ModelRecord | null },
  ): ModelRecord {
    const added = { undoes: null, ...record, id: 0 }
    this.log.push(added)
    return added
  }

  /** What is wrong with values by themselves. */
  ownProblems(input: Values): string[] {
    const problems: string[] = []
    for (const property of properties) {
      const value = input[property]
      if (value === undefined) continue
      if (property !== 'userPrincipalName') {
        problems.push(...rulesBrokenBy(property, value).map((rule) => `${property} ${rule}`))
        continue
      }
      const { domain } = upnOf(value)
      if (domain === null) problems.push(`${property} principalNameMalformed`)
      else if (!this.domains.has(domain)) problems.push(`${property} domainNotHere`)
    }
    return problems
  }

  takenProblems(input: Values, self: Person | null): string[] {
    const strangers = this.here().filter((each) => each !== self)
    const { userPrincipalName: upn, onPremisesImmutableId: anchor } = input
    const isTaken = strangers.some(
      ({ values }) => upn !== undefined && keyOf(values) === upnOf(upn).key,
    )
    const isAnchorTaken = strangers.some(
      ({ values }) => typeof anchor === 'string' && values.onPremisesImmutableId === anchor,
    )
    return [
      ...(isTaken ? ['userPrincipalName principalNameTaken'] : []),
      ...(isAnchorTaken ? ['onPremisesImmutableId immutableIdTaken'] : []),
    ]
  }

  /** Graph alone has Entra's rules about anchors. */
  #graphProblems(input: Values, self: Person | null): string[] {
    const property = 'onPremisesImmutableId'
    const isFederated = (upn: Value) => this.domains.get(upnOf(upn).domain ?? '') === 'Federated'
    const now = self?.values[property] ?? null
    const next = input[property] === undefined ? now : input[property]
    const was = self !== null && isFederated(self.values.userPrincipalName)
    const upn = input.userPrincipalName ?? self?.values.userPrincipalName ?? ''
    if (!this.domains.has(upnOf(upn).domain ?? '')) return []
    if (was && now !== null && next !== now) return [`${property} immutableIdFixed`]
    const isStill = was && now === null
    return isFederated(upn) && next === null && !isStill ? [`${property} immutableIdRequired`] : []
  }

  #problems({ door, input }: Write, self: Person | null): string[] {
    return [
      ...this.ownProblems(input),
      ...this.takenProblems(input, self),
      ...(door === 'graph' ? this.#graphProblems(input, self) : []),
    ]
  }

  #externalIdProblems({ externalId }: Write, self: Person | null): string[] {
    const holder = this.here().find((each) => each !== self && each.externalId === externalId)
    return typeof externalId === 'string' && holder ? ['externalId externalIdTaken'] : []
  }

  #setExternalId(person: Person, { externalId }: Write): void {
    if (externalId === undefined) return
    for (const each of this.people) {
      if (each.externalId === externalId) each.externalId = null
    }
    person.externalId = externalId
  }

  createUser(write: Write & { readonly hasPassword?: boolean }): Outcome {
    const { door, input, hasPassword = false } = write
    if (door === 'graph') {
      const needed = ['accountEnabled', 'displayName', 'mailNickname'] as const
      const missing: string[] = needed.filter((name) => input[name] === undefined)
      const domain = upnOf(input.userPrincipalName).domain ?? ''
      if (!hasPassword && this.domains.get(domain) !== 'Federated') missing.push('passwordProfile')
      if (missing.length > 0) return refused(...missing.map((name) => `${name} valueRequired`))
    }
    const problems = this.#problems(write, null)
    if (problems.length > 0) return refused(...problems)
    const clash = this.#externalIdProblems(write, null)
    if (clash.length > 0) return refused(...clash)
    const person = this.newPerson(input)
    this.#setExternalId(person, write)
    this.record({ action: 'userCreated', door, target: person, before: null, after: person.values })
    if (hasPassword) {
      const nothing = { before: null, after: null }
      this.record({ action: 'credentialsChanged', door, target: person, ...nothing })
    }
    return kept
  }

  newPerson(input: Values, madeBy: ModelImport | null = null): Person {
    const [local = ''] = String(input.userPrincipalName).split('@')
    const names = [input.givenName, input.surname].filter(Boolean).join(' ')
    const nothing = Object.fromEntries(properties.map((name) => [name, null]))
    const defaults = { accountEnabled: true, displayName: names || local, mailNickname: local }
    const values = { ...nothing, ...defaults, ...input } as Person['values']
    const stamp = madeBy?.stamp ?? this.stamp()
    const person = { id: '', isHere: true, values, stamp, madeBy, externalId: null }
    this.people.push(person)
    return person
  }

  changeUser(person: Person | null, write: Write, undoes: ModelRecord | null = null): Outcome {
    if (!person?.isHere) return notFound
    const problems = this.#problems(write, person)
    if (problems.length > 0) return refused(...problems)
    const clash = this.#externalIdProblems(write, person)
    if (clash.length > 0) return refused(...clash)
    this.#setExternalId(person, write)
    const names = properties.filter(
      (name) => write.input[name] !== undefined && write.input[name] !== person.values[name],
    )
    if (names.length === 0) return kept
    const before = Object.fromEntries(names.map((name) => [name, person.values[name]]))
    const after = Object.fromEntries(names.map((name) => [name, write.input[name]]))
    person.values = { ...person.values, ...after }
    person.stamp = this.stamp()
    this.record({ action: 'userChanged', door: write.door, target: person, before, after, undoes })
    return kept
  }

  groupsOf(person: Person): ModelGroup[] {
    return this.groups.filter(({ isHere, members }) => isHere && members.has(person))
  }

  deleteUser(person: Person | null, door: DoorName, undoes: ModelRecord | null = null): Outcome {
    if (!person?.isHere) return notFound
    person.isHere = false
    const [before, went] = [person.values, new Set(this.groupsOf(person))]
    const action = 'userDeleted'
    this.record({ action, door, target: person, before, went, after: null, undoes })
    return kept
  }
}

export function keyOf({ userPrincipalName }: Values): string {
  return upnOf(userPrincipalName).key
}

/** PUT of SCIM takes away what it leaves out, but for what docs/scim.md says. */
export function wholeOfPut(input: Values): Values {
  const stays = ['onPremisesImmutableId', 'officeLocation', 'usageLocation']
  const gone = [...clearable].filter((name) => !stays.includes(name))
  return { ...Object.fromEntries(gone.map((name) => [name, null])), ...input }
}
