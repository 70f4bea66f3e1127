import { keyOf, type Model } from './model.ts'
import { type ModelImport, type Outcome, type Person, refused } from './modelTypes.ts'
import { clearable, type Property, properties, upnOf, type Values } from './pool.ts'

export interface ModelFile {
  /** Each with a UPN. */
  readonly rows: readonly Values[]
  readonly matchOn: 'userPrincipalName' | 'immutableId'
  readonly clearEmpty: boolean
  /** The domain that the file is the whole list of. */
  readonly deleteMissing: string | null
  readonly isConfirmed: boolean
  readonly hasRejectFile: boolean
}

interface Row {
  readonly input: Values
  readonly problems: string[]
  person: Person | null
  changed: readonly Property[]
}

/** The columns of the file: what any of its rows has. */
export function columnsOf({ rows }: Pick<ModelFile, 'rows'>): readonly Property[] {
  return properties.filter((name) => rows.some((row) => row[name] !== undefined))
}

/** What a row says: an empty cell says nothing, or takes the value away. */
function inputOf(row: Values, file: ModelFile): Values {
  const cells = columnsOf(file).map((name) => {
    const isEmpty = row[name] === undefined || row[name] === null || row[name] === ''
    if (!isEmpty) return [name, row[name]] as const
    return [name, file.clearEmpty && clearable.has(name) ? null : undefined] as const
  })
  return Object.fromEntries(cells.filter(([, value]) => value !== undefined))
}

/** Whom a file leaves out. */
export function missingFrom(model: Model, file: ModelFile): Person[] {
  const { deleteMissing, matchOn } = file
  const rows = judged(model, file)
  const listed = new Set(rows.map(({ input }) => keyOf(input)))
  const met = new Set(rows.filter(({ problems }) => problems.length === 0).map((r) => r.person))
  return model
    .here()
    .filter(({ values }) => upnOf(values.userPrincipalName).domain === deleteMissing)
    .filter(({ values }) => !listed.has(keyOf(values)))
    .filter((person) => matchOn === 'userPrincipalName' || !met.has(person))
}

/** Rows judged by themselves and by the others of the file, and the users whom they are about. */
function judged(model: Model, file: ModelFile): Row[] {
  const { matchOn } = file
  const anchor = 'onPremisesImmutableId'
  // Where no column holds it, it is the row that lacks it.
  const column = columnsOf(file).includes(anchor) ? anchor : null
  const rows = file.rows.map((each): Row => {
    const input = inputOf(each, file)
    const isLost = matchOn === 'immutableId' && !input[anchor]
    const problems = [...model.ownProblems(input), ...(isLost ? [`${column} valueRequired`] : [])]
    return { input, problems, person: null, changed: [] }
  })
  for (const row of rows) {
    const twins = rows.filter((other) => other !== row)
    if (twins.some(({ input }) => keyOf(input) === keyOf(row.input))) {
      row.problems.push('userPrincipalName principalNameTaken')
    }
    if (row.input[anchor] && twins.some(({ input }) => input[anchor] === row.input[anchor])) {
      row.problems.push(`${anchor} immutableIdTaken`)
    }
  }
  for (const row of rows) {
    if (row.problems.length > 0) continue
    const isMeant = ({ values }: Person) =>
      matchOn === 'userPrincipalName'
        ? keyOf(values) === keyOf(row.input)
        : values[anchor] === row.input[anchor]
    const person = model.here().find(isMeant) ?? null
    row.person = person
    row.changed = properties.filter(
      (name) =>
        !(name === 'userPrincipalName' && matchOn === 'userPrincipalName') &&
        row.input[name] !== undefined &&
        row.input[name] !== person?.values[name],
    )
  }
  return rows
}

/** Rejects rows that want what a user has who neither goes nor gives it up, until none is left. */
function rejectHeld(model: Model, rows: readonly Row[], file: ModelFile, gone: readonly Person[]) {
  const isByUpn = file.matchOn === 'userPrincipalName'
  const wanted: Property = isByUpn ? 'onPremisesImmutableId' : 'userPrincipalName'
  const rule = isByUpn ? 'immutableIdTaken' : 'principalNameTaken'
  const isSame = (a: Values, b: Values) =>
    isByUpn ? a[wanted] === b[wanted] && a[wanted] !== null : keyOf(a) === keyOf(b)
  const isSound = ({ problems }: Row) => problems.length === 0
  for (let again = true; again; ) {
    again = false
    for (const row of rows) {
      if (!isSound(row) || (row.person !== null && row.changed.length === 0)) continue
      const after = { ...row.person?.values, ...row.input }
      if (after[wanted] === undefined) continue
      const holder = model.here().find((each) => each !== row.person && isSame(each.values, after))
      if (holder === undefined || gone.includes(holder)) continue
      const gives = rows.some(
        (other) => isSound(other) && other.person === holder && other.changed.includes(wanted),
      )
      if (gives) continue
      row.problems.push(`${wanted} ${rule}`)
      again = true
    }
  }
}

/** An import: all of it or nothing, or with a reject file all good rows. One record. */
export function importFile(model: Model, file: ModelFile): Outcome {
  const { deleteMissing } = file
  if (deleteMissing !== null && !model.domains.has(deleteMissing)) {
    return refused('id domainNotFound')
  }
  const rows = judged(model, file)
  const gone = deleteMissing === null ? [] : missingFrom(model, file)
  const isSound = () => rows.every(({ problems }) => problems.length === 0)
  if (isSound() && gone.length > 0 && !file.isConfirmed) return refused('tooManyDeletions')
  rejectHeld(model, rows, file, gone)
  const reasons = rows
    .flatMap(({ problems }, index) => problems.map((each) => `row ${index + 1}: ${each}`))
    .sort()
  if (!isSound() && !file.hasRejectFile) return { kept: false, reasons }
  const done: ModelImport = {
    id: 0,
    isUndone: false,
    stamp: model.stamp(),
    created: [],
    touched: new Map(),
    removed: new Map(),
  }
  for (const person of gone) {
    done.removed.set(person, { ...person })
    person.isHere = false
  }
  for (const { person, input, problems, changed } of rows) {
    if (problems.length > 0) continue
    if (person === null) done.created.push(model.newPerson(input, done))
    else if (changed.length > 0) {
      done.touched.set(person, { ...person })
      const after = Object.fromEntries(changed.map((name) => [name, input[name]]))
      person.values = { ...person.values, ...after }
      person.stamp = done.stamp
    }
  }
  model.imports.push(done)
  model.record({ action: 'usersImported', door: 'csv', target: done, before: null, after: null })
  return { kept: true, reasons }
}

/** Takes an import back as a whole, unless anybody was touched since, or has no room. */
export function undoImport(model: Model, done: ModelImport | null): Outcome {
  if (done === null) return refused('unknown')
  if (done.isUndone) return refused('alreadyUndone')
  const { created, touched, removed, stamp } = done
  const obstacles = new Set<string>()
  for (const person of created) {
    if (!person.isHere || person.madeBy !== done) obstacles.add('goneSince')
    else {
      if (person.stamp !== stamp) obstacles.add('changedSince')
      if (model.groupsOf(person).length > 0) obstacles.add('joinedSince')
    }
  }
  for (const person of touched.keys()) {
    if (!person.isHere) obstacles.add('goneSince')
    else if (person.stamp !== stamp) obstacles.add('changedSince')
  }
  for (const [person, { values }] of [...touched, ...removed]) {
    const isOwn = (each: Person) =>
      each === person || (each.isHere && each.madeBy === done) || touched.has(each)
    const clash = model.takenProblems(values, null).length > 0
    const holders = model.here().filter((each) => !isOwn(each))
    const isTaken = holders.some(
      (each) =>
        keyOf(each.values) === keyOf(values) ||
        (values.onPremisesImmutableId !== null &&
          each.values.onPremisesImmutableId === values.onPremisesImmutableId),
    )
    if (clash && isTaken) obstacles.add('valueTaken')
    if (!model.domains.has(upnOf(values.userPrincipalName).domain ?? '')) {
      obstacles.add('domainGone')
    }
  }
  if (obstacles.size > 0) return refused(...obstacles)
  for (const person of created) person.isHere = false
  for (const [person, former] of [...touched, ...removed]) {
    const { values, stamp, madeBy } = former
    Object.assign(person, { values, stamp, madeBy, isHere: true })
  }
  done.isUndone = true
  const undoes = model.log.find(({ target }) => target === done) ?? null
  const nothing = { before: null, after: null, undoes }
  model.record({ action: 'importUndone', door: 'commandLine', target: done, ...nothing })
  return { kept: true, reasons: [] }
}
