import { key } from '../support/signedMessage.ts'
import { givenUp } from './givenUp.ts'
import { type Model, wholeOfPut } from './model.ts'
import * as groups from './modelGroups.ts'
import { importFile, type ModelFile, missingFrom, undoImport } from './modelImport.ts'
import { kept, type ModelGroup, type Outcome, type Person, refused } from './modelTypes.ts'
import { undoRecord } from './modelUndo.ts'
import { flipping, spare, upnOf, type Value, type Values } from './pool.ts'
import * as requests from './requests.ts'
import type { Answered, DoorSite } from './site.ts'
import type { Place, Step } from './steps.ts'

const nobody = '00000000-0000-4000-8000-000000000000'

/** Takes a step through its door, and in the model. Null when there is nothing that it could be about. */
export async function take(
  site: DoorSite,
  model: Model,
  step: Step,
): Promise<{ readonly answered: Answered; readonly expected: Outcome } | null> {
  const personAt = (place: Place) => at(model.people, place)
  const groupAt = (place: Place) => at(model.groups, place)
  const both = async (request: Promise<Answered>, predict: () => Outcome) => ({
    answered: await request,
    expected: predict(),
  })
  switch (step.do) {
    case 'createUser': {
      const { door, hasPassword, externalId } = step
      const needed = { accountEnabled: true, displayName: 'New', mailNickname: 'new' }
      const isFilled = door === 'graph' && !step.isBare
      const input = sendable(door, { ...(isFilled && needed), ...step.values }, true)
      input.userPrincipalName = step.upn
      const former = step.takes && givenUp(model, step.takes)
      if (step.takes !== null && former !== null) input[step.takes] = former
      const write = { door, input, ...(door === 'scim' && { externalId }) }
      const password = door === 'graph' && hasPassword
      return both(requests.postUser(site, { ...write, hasPassword: password }), () =>
        model.createUser({ ...write, hasPassword: password }),
      )
    }
    case 'changeUser': {
      const { door } = step
      const person = personAt(step.place)
      const put = step.put && door.startsWith('scim')
      const present = person?.values.userPrincipalName ?? 'ann@managed.example'
      const upn = step.upn ?? (put ? present : undefined)
      const input = sendable(door, step.values)
      if (upn !== undefined) input.userPrincipalName = upn
      if (Object.keys(input).length === 0) input.accountEnabled = true
      const write = { door, input, ...(door === 'scim' && { externalId: step.externalId }) }
      const request = requests.changeUser(site, person?.id ?? nobody, { ...write, put })
      return both(request, () =>
        model.changeUser(person, put ? { ...write, input: wholeOfPut(input) } : write),
      )
    }
    case 'deleteUser': {
      const { door } = step
      const person = personAt(step.place)
      const request = requests.deleteUser(site, person?.id ?? nobody, door)
      return both(request, () => model.deleteUser(person, door))
    }
    case 'createGroup': {
      const { door, name: displayName } = step
      const isScim = door.startsWith('scim')
      const members = isScim ? step.places.map(personAt) : []
      const description = isScim ? null : step.description
      const ids = members.map((person) => person?.id ?? nobody)
      const request = requests.postGroup(site, { door, displayName, description, members: ids })
      return both(request, () => groups.createGroup(model, door, displayName, description, members))
    }
    case 'renameGroup': {
      const { door } = step
      const group = groupAt(step.place)
      // A PATCH of SCIM cannot take a name away, whatever the name.
      const displayName = door.startsWith('scim') && step.name === '' ? 'Staff' : step.name
      const request = requests.renameGroup(site, group?.id ?? nobody, { door, displayName })
      return both(request, () => groups.renameGroup(model, group, door, { displayName }))
    }
    case 'member': {
      const { door, side } = step
      const group = groupAt(step.place)
      // Of those who are to go some are members, of those who are to come some were when they were users.
      const members = [...(group?.members ?? [])].filter(
        (each) => side === 'remove' || !each.isHere,
      )
      const person = members[step.user.index] ?? personAt(step.user)
      const user = person?.id ?? nobody
      const request = requests.changeMember(site, group?.id ?? nobody, { door, side, user })
      return both(request, () => groups.memberOutcome(model, step, group, person))
    }
    case 'deleteGroup': {
      const { door } = step
      const group = groupAt(step.place)
      const request = requests.deleteGroup(site, group?.id ?? nobody, door)
      return both(request, () => groups.deleteGroup(model, group, door))
    }
    case 'import': {
      const file = fileOf(model, step)
      const confirmed = file.deleteMissing === null ? 0 : missingFrom(model, file).length
      return both(requests.importFile(site, file, confirmed), () => importFile(model, file))
    }
    case 'undoImport': {
      const done =
        step.back === 4
          ? null
          : (model.imports.at(-1 - (step.back % Math.max(1, model.imports.length))) ?? null)
      const said = await site.command('users', 'undo', String(done?.id ?? 999_999), '--json')
      return { answered: undoAnswered(said), expected: undoImport(model, done) }
    }
    case 'undo': {
      const records = model.log.filter(({ action }) => action !== 'domainsChanged')
      const record = records.at(-1 - step.back)
      if (record === undefined) return null
      const said = await site.command('audit', 'undo', String(record.id), '--json')
      const isOfImport = record.action === 'usersImported'
      const answered = isOfImport ? undoAnswered(said) : withoutFields(said)
      return { answered, expected: withoutFields(undoRecord(model, record)) }
    }
    case 'domain':
      return step.which === 'spare' ? toggleSpare(site, model, step) : flip(site, model, step)
  }
}

function at<T extends Person | ModelGroup>(all: readonly T[], { isHere, index }: Place): T | null {
  const here = all.filter((each) => each.isHere)
  const chosen = isHere && here.length > 0 ? here : [...all, null]
  return chosen[index % chosen.length] ?? null
}

/** An empty text is none to SCIM; the command line takes nothing away of somebody new. */
function sendable(door: string, values: Values, isNew = false): Values {
  const isSent = (value: Value) =>
    door.startsWith('scim') ? value !== '' : !(door === 'commandLine' && isNew && value === null)
  return Object.fromEntries(Object.entries(values).filter(([, value]) => isSent(value)))
}

function fileOf(model: Model, step: Step & { do: 'import' }): ModelFile {
  const { matchOn, clearEmpty, deleteMissing, about } = step
  const drawn = step.rows.map(({ upn, values }): Values => ({ ...values, userPrincipalName: upn }))
  const present = model.here().map(({ values }) => values)
  const anchor = 'onPremisesImmutableId'
  const uniqueOf = (each: Values | undefined) => ({
    userPrincipalName: each?.userPrincipalName ?? null,
    [anchor]: each?.[anchor] ?? null,
  })
  const round = present.map((each, index): Values => {
    const moving = matchOn === 'immutableId' ? 'userPrincipalName' : anchor
    const next = uniqueOf(present[(index + 1) % present.length])
    return { ...uniqueOf(each), [moving]: next[moving] }
  })
  const list = present
    .slice(0, -1)
    .map((each): Values => ({ ...step.rows[0]?.values, ...uniqueOf(each) }))
  const rows = { drawn, round, list }[about].filter(
    (each) => about === 'drawn' || matchOn !== 'immutableId' || each[anchor] !== null,
  )
  return {
    rows: rows.length > 0 ? rows : drawn,
    matchOn,
    clearEmpty,
    deleteMissing,
    isConfirmed: deleteMissing !== null && step.isConfirmed,
    hasRejectFile: deleteMissing === null && step.hasRejectFile,
  }
}

/** By `--json`; the obstacles by their kinds. */
function undoAnswered({ stdout }: { readonly stdout: string }): Answered {
  const outcome = JSON.parse(stdout)
  if (outcome.kind === 'undone') return kept
  if (outcome.kind !== 'refused') return refused(outcome.kind)
  const kinds = outcome.obstacles.map(({ kind }: { kind: string }) => kind) as string[]
  return refused(...new Set(kinds))
}

/** Only the rules: an undo says `changedSince` of the record, not of a property. */
function withoutFields({ kept: isKept, reasons }: Answered): Answered {
  return { kept: isKept, reasons: reasons.map((each) => each.split(' ').at(-1) ?? '').toSorted() }
}

function changed(model: Model, door: 'graph' | 'commandLine', domain: string): Outcome {
  const nothing = { before: null, after: null }
  model.record({ action: 'domainsChanged', door, target: domain, ...nothing })
  return kept
}

async function toggleSpare(
  site: DoorSite,
  model: Model,
  { door }: Step & { do: 'domain' },
): Promise<{ answered: Answered; expected: Outcome }> {
  if (!model.domains.has(spare)) {
    const answered = await (door === 'graph'
      ? site.graph('POST', '/domains', { body: { id: spare } })
      : site.command('domains', 'add', spare, '--trust'))
    model.domains.set(spare, 'Managed')
    return { answered, expected: changed(model, door, spare) }
  }
  const answered = await (door === 'graph'
    ? site.graph('DELETE', `/domains/${spare}`)
    : site.command('domains', 'remove', spare, '--yes'))
  const isUsed = model.here().some(({ values }) => upnOf(values.userPrincipalName).domain === spare)
  if (isUsed) return { answered, expected: refused('domains domainHasUsers') }
  model.domains.delete(spare)
  return { answered, expected: changed(model, door, spare) }
}

async function flip(
  site: DoorSite,
  model: Model,
  { door }: Step & { do: 'domain' },
): Promise<{ answered: Answered; expected: Outcome }> {
  const isFederated = model.domains.get(flipping) === 'Federated'
  const issuerUri = 'urn:doors:idp'
  const passiveSignInUri = 'https://okta.example/sso'
  const signingCertificate = key.certificateBase64
  const address = `/domains/${flipping}`
  const answered = await (door === 'graph'
    ? isFederated
      ? site.graph('PATCH', address, { body: { authenticationType: 'Managed' } })
      : site.graph('POST', `${address}/federationConfiguration`, {
          body: { issuerUri, passiveSignInUri, signingCertificate },
        })
    : isFederated
      ? site.command('domains', 'manage', flipping, '--yes')
      : site.command(
          ...['domains', 'federate', flipping, '--issuer', issuerUri, '--yes'],
          ...['--sign-in-url', passiveSignInUri],
          ...['--certificate', site.file('idp.cer', signingCertificate)],
        ))
  model.domains.set(flipping, isFederated ? 'Managed' : 'Federated')
  return { answered, expected: changed(model, door, flipping) }
}
