import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { DeleteMissing } from '../../src/admin/csv/deletions.ts'
import { TooManyDeletions } from '../../src/admin/csv/deletions.ts'
import type { ImportOptions } from '../../src/admin/csv/importUsers.ts'
import type { ImportReport } from '../../src/admin/csv/report.ts'
import type { DirectoryStore } from '../../src/directory/ports.ts'
import {
  allUsers,
  furnish,
  importText,
  later,
  now,
  rejection,
  withFolder,
} from '../csv/directoryForTests.ts'
import type { MakeStorage } from './contract.ts'
import { all } from './samples.ts'

const a = '6Hz3el8+OkyEvxdtRYYCDw=='
const b = 'weGaRHg5UkOTkhoNmBwV7Q=='
const c = '2VsmfZg/REGXoElnSjfAOg=='
const two = `login,immutableId,department\nalice@customer.com,${a},Sales\nbob@customer.com,${b},IT\n`
const byAnchor = { matchOn: 'onPremisesImmutableId' } as const
const by = { at: later + 60_000, who: 'root', door: 'commandLine' } as const

/** Imports of users: what is remembered of them, how they are undone, and how they find and remove people. */
export function importContract(fresh: MakeStorage): void {
  const furnished = async () => furnish(fresh().directory)

  async function imported(
    store: DirectoryStore,
    text: string,
    options: Partial<ImportOptions> = {},
  ): Promise<ImportReport> {
    const report = await importText(store, text, options)
    expect(report.rejected).to.deep.equal([])
    expect(report.isWritten).to.equal(true)
    return report
  }
  const originOf = async (store: DirectoryStore, upn: string, property: 'department') => {
    const user = await store.userByPrincipalName(upn)
    const origin = await store.originOf(user?.id ?? '', property)
    return origin && [origin.importId, origin.file, origin.line]
  }
  const obstaclesOf = async (store: DirectoryStore, id: number) => {
    const outcome = await store.imports.undo(id, by)
    if (outcome.kind !== 'refused') throw new Error(`it was ${outcome.kind}`)
    return outcome.obstacles.map((each) => [
      each.kind,
      each.userPrincipalName,
      each.line,
      each.by && [each.by.importId, each.by.line],
    ])
  }

  describe('an import of users', () => {
    it('is listed with who, when, file and digest, newest first; a rehearsal is not', async () => {
      const store = await furnished()
      await imported(store, two, { who: 'ana' })
      await importText(store, two, { dryRun: true })
      await imported(store, `login,department\nbob@customer.com,HR\n`, { now: later, who: 'eva' })
      const imports = await store.imports.imports()
      const common = { file: 'users.csv', matchOn: 'userPrincipalName', deletedMissingOf: null }
      const none = {
        deletedCount: 0,
        unchangedCount: 0,
        rejectedCount: 0,
        undoneAt: null,
        undoneBy: null,
      }
      expect(imports.map(({ digest, ...each }) => each)).to.deep.equal([
        { id: 2, at: later, who: 'eva', ...common, createdCount: 0, changedCount: 1, ...none },
        { id: 1, at: now, who: 'ana', ...common, createdCount: 2, changedCount: 0, ...none },
      ])
      expect(imports[0]?.digest)
        .to.match(/^[0-9a-f]{64}$/)
        .and.not.to.equal(imports[1]?.digest)
    })

    it('keeps values of digits as they stand in the file, for a new user and for one who is there', async () => {
      const store = await furnished()
      const digits = { onPremisesImmutableId: '0012345', department: '007', jobTitle: '1e5' }
      await imported(store, `login,immutableId,department,jobTitle\nx@customer.com,0012345,007,1e5`)
      expect(await store.userByPrincipalName('x@customer.com')).to.include(digits)
      await imported(store, `login,immutableId,mobilePhone\nx@customer.com,00123,0044 1\n`)
      await imported(store, `login,mobilePhone\nx@customer.com,00441\n`, { now: later })
      const changed = { ...digits, onPremisesImmutableId: '00123', mobilePhone: '00441' }
      expect(await store.userByPrincipalName('x@customer.com')).to.include(changed)
      expect((await store.imports.undo(3, by)).kind).to.equal('undone')
      expect((await store.imports.undo(2, by)).kind).to.equal('undone')
      expect(await store.userByImmutableId('0012345')).to.include(digits)
    })

    it('that says nothing new changes nobody, and warns only of what is still so', async () => {
      const store = await furnished()
      const hex = '0123456789abcdef0123456789abcdef'
      const four = `${two}dan@customer.com,,\neve@customer.com,${hex},\n`
      expect((await imported(store, four)).warningCount).to.equal(2)
      const before = await allUsers(store)
      const again = `login,immutableId\nALICE@customer.com,${a}\nbob@customer.com,\ndan@customer.com,\neve@customer.com,${hex}\n`
      const told = async (text: string, options: Partial<ImportOptions> = {}) => {
        const report = await importText(store, text, { now: later, dryRun: true, ...options })
        const { changedCount, unchangedCount, generatedAnchorCount } = report
        const lines = report.warnings.map(({ line }) => line)
        return [changedCount, unchangedCount, generatedAnchorCount, lines]
      }
      expect(await told(again)).to.deep.equal([0, 4, 0, [4, 5]])
      expect(await told(again, { generateAnchors: true })).to.deep.equal([1, 3, 1, [5]])
      expect(await told(again, { emptyCells: 'clear' })).to.deep.equal([1, 3, 0, [3, 4, 5]])
      expect(await told(`login\nbob@customer.com\ndan@customer.com\n`)).to.deep.equal([
        0,
        2,
        0,
        [3],
      ])
      // Found by ImmutableId the UPN is a value like others, down to its case.
      const anchored = `login,immutableId\nALICE@customer.com,${a}\nbob@customer.com,${b}\n`
      expect(await told(anchored, byAnchor)).to.deep.equal([1, 1, 0, []])
      await imported(store, again, { now: later })
      expect(await allUsers(store)).to.deep.equal(before)
    })

    it('that changes nobody still gives Okta their ImmutableIds as they are here', async () => {
      const store = await furnished()
      await imported(store, two)
      await withFolder(async (folder) => {
        const oktaOut = join(folder, 'okta.csv')
        await imported(store, `login\nbob@customer.com\nnew@customer.com\n`, { oktaOut })
        const text = readFileSync(oktaOut, 'utf8')
        expect(text).to.contain('bob@customer.com').and.to.contain(b).and.not.to.contain(a)
      })
    })

    it('is one record of the audit, and its undoing another that names it', async () => {
      const store = await furnished()
      await imported(store, two, { who: 'ana' })
      await importText(store, two, { dryRun: true })
      await store.imports.undo(1, by)
      const target = { kind: 'import', id: '1', name: 'users.csv' }
      const [made, undone, ...more] = await store.audit.latest(5)
      expect(more).to.deep.equal([])
      expect(made).to.deep.include({
        id: 1,
        at: now,
        who: 'ana',
        door: 'csv',
        target,
        undoes: null,
      })
      expect(made).to.include({ action: 'usersImported', before: null })
      expect(made?.after).to.include({ createdCount: 2, changedCount: 0, deletedMissingOf: null })
      expect(made?.after?.digest).to.match(/^[0-9a-f]{64}$/)
      expect(undone).to.deep.include({ ...by, action: 'importUndone', target, undoes: 1 })
      expect(undone?.after).to.deep.equal({ removed: 2, restored: 0, broughtBack: 0 })
    })

    it('that is refused or interrupted is no record of the audit', async () => {
      const store = await furnished()
      await importText(store, 'login\nnobody@elsewhere.example\n')
      const signal = AbortSignal.abort(new Error('interrupted'))
      await rejection(importText(store, two, { signal }))
      expect(await store.audit.latest(5)).to.deep.equal([])
    })

    it('tells what it did to each person, as long as that is known', async () => {
      const store = await furnished()
      await imported(store, two)
      const text = `login,department\nbob@customer.com,HR\ncarol@customer.com,IT\n`
      const deleteMissing = { domain: 'customer.com', keep: [], confirmed: 1 }
      await imported(store, text, { now: later, deleteMissing })
      const told = async (id: number) =>
        (await all(store.imports.changes(id)))
          .map(({ kind, userPrincipalName: upn, line, before, after }) => ({
            row: [kind, upn, line],
            department: [before?.department, after?.department],
          }))
          .sort((a, b) => (String(a.row[1]) < String(b.row[1]) ? -1 : 1))
      expect(await told(2)).to.deep.equal([
        { row: ['deleted', 'alice@customer.com', null], department: ['Sales', undefined] },
        { row: ['changed', 'bob@customer.com', 2], department: ['IT', 'HR'] },
        { row: ['created', 'carol@customer.com', 3], department: [undefined, 'IT'] },
      ])
      const [bob] = await all(store.imports.changes(2)).then((changes) =>
        changes.filter(({ kind }) => kind === 'changed'),
      )
      expect(bob?.before).to.deep.equal({ department: 'IT' })
      expect(await told(1), 'as the later import found him').to.deep.equal([
        { row: ['created', 'bob@customer.com', 3], department: [undefined, 'IT'] },
      ])
      const before = await store.userByPrincipalName('bob@customer.com')
      if (before === null) throw new Error('not there')
      const user = { ...before, department: 'Board', lastModifiedDateTime: later + 1 }
      await store.writeUsers([{ kind: 'update', before, user }])
      const after = (await all(store.imports.changes(2))).find(({ kind }) => kind === 'changed')
      expect(after?.after, 'another door came between').to.equal(null)
      expect(await all(store.imports.changes(9))).to.deep.equal([])
    })

    it('tells of everybody once, however many there are', async () => {
      const store = await furnished()
      const file = (department: string) =>
        `login,department\n${[...Array(1100).keys()].map((n) => `u${n}@customer.com,${department}\n`).join('')}`
      await imported(store, file('Sales'))
      await imported(store, file('HR'), { now: later })
      for (const [id, kind] of [
        [1, 'created'],
        [2, 'changed'],
      ] as const) {
        const changes = await all(store.imports.changes(id))
        expect(new Set(changes.map(({ userId }) => userId)).size).to.equal(1100)
        expect(changes.map((each) => each.kind)).to.deep.equal(Array(1100).fill(kind))
      }
    })

    it('is where values come from, each from the import and line that set it last', async () => {
      const store = await furnished()
      await imported(store, two)
      await imported(store, `login,department\nbob@customer.com,HR\n`, { now: later })
      expect(await originOf(store, 'alice@customer.com', 'department')).to.deep.equal([
        1,
        'users.csv',
        2,
      ])
      expect(await originOf(store, 'bob@customer.com', 'department')).to.deep.equal([
        2,
        'users.csv',
        2,
      ])
      const bob = await store.userByImmutableId(b)
      const origins = await store.imports.origins(bob?.id ?? '')
      expect(origins.get('onPremisesImmutableId')?.line).to.equal(3)
      expect(origins.get('onPremisesImmutableId')?.importId).to.equal(1)
    })

    it('is not where a value comes from that another door has set since', async () => {
      const store = await furnished()
      await imported(store, two)
      const before = await store.userByImmutableId(a)
      if (before === null) throw new Error('not there')
      const user = { ...before, department: 'Board', lastModifiedDateTime: later }
      await store.writeUsers([{ kind: 'update', before, user }])
      expect(await originOf(store, 'alice@customer.com', 'department')).to.equal(null)
      expect(await store.originOf(user.id, 'onPremisesImmutableId')).not.to.equal(null)
    })

    it('finds users by ImmutableId when told to, and renames them, in circles too', async () => {
      const store = await furnished()
      await imported(store, two)
      const before = await allUsers(store)
      const swapped = `login,immutableId\nbob@customer.com,${a}\nalice@customer.com,${b}\ncarol@customer.com,${c}\n`
      const report = await imported(store, swapped, { ...byAnchor, now: later })
      expect(report.changed.map(({ changes }) => changes)).to.deep.equal([
        [{ property: 'userPrincipalName', old: 'alice@customer.com', new: 'bob@customer.com' }],
        [{ property: 'userPrincipalName', old: 'bob@customer.com', new: 'alice@customer.com' }],
      ])
      expect(report.createdCount).to.equal(1)
      expect((await store.userByImmutableId(a))?.id).to.equal(before[0]?.id)
      expect((await store.userByPrincipalName('BOB@customer.com'))?.id).to.equal(before[0]?.id)
      expect(await store.countUsers({ domain: 'customer.com' })).to.equal(3)
    })

    it('by ImmutableId takes nobody’s UPN, and no row without one', async () => {
      const store = await furnished()
      await imported(store, two)
      const report = await importText(
        store,
        `login,immutableId\nbob@customer.com,${a}\ncarol@customer.com,\nbob@customer.com,${c}\n`,
        byAnchor,
      )
      expect(
        report.rejected.map(({ line, problems }) => [line, problems.map((p) => p.reason)]),
      ).to.deep.equal([
        [2, ['The same UPN stands in line 4 of this file.']],
        [3, ['The row has no ImmutableId, by which its user would be found.']],
        [4, ['The same UPN stands in line 2 of this file.']],
      ])
      const taken = await importText(store, `login,immutableId\nbob@customer.com,${c}\n`, byAnchor)
      expect(taken.rejected[0]?.problems[0]?.reason).to.equal(
        'Another user has this UPN: bob@customer.com.',
      )
    })
  })

  describe('an import that removes who is no longer listed', () => {
    const people = (count: number, from = 0) =>
      `login\n${Array.from({ length: count }, (_, i) => `p${from + i}@customer.com\n`).join('')}`
    const missing = (more: Partial<DeleteMissing> = {}) => ({
      deleteMissing: { domain: 'customer.com', ...more },
    })

    it('removes them from that domain alone, and gives their values to others', async () => {
      const store = await furnished()
      await imported(store, `${people(20)}x@customer.co.uk\n`)
      await imported(store, `login,immutableId\np20@customer.com,${a}\n`)
      const list = `login,immutableId\n${people(20).slice(6).replaceAll('\n', ',\n')}new@customer.com,${a}\n`
      const report = await imported(store, list, { ...missing(), now: later })
      expect(report.deleted).to.deep.equal(['p20@customer.com'])
      expect((await store.userByImmutableId(a))?.userPrincipalName).to.equal('new@customer.com')
      expect(await store.countUsers()).to.equal(22)
      expect((await store.imports.imports())[0]).to.include({
        deletedCount: 1,
        deletedMissingOf: 'customer.com',
      })
    })

    it('stops above 10 % of the domain, says how many, and goes on when that number is confirmed', async () => {
      const store = await furnished()
      await imported(store, people(20))
      const error = await rejection(importText(store, people(17), missing()))
      expect(error).to.be.instanceOf(TooManyDeletions).with.property('count', 3)
      expect(error.message).to.contain('--confirm-deletions 3').and.to.contain('p17@customer.com')
      expect(
        await rejection(importText(store, people(17), missing({ confirmed: 4 }))),
      ).to.be.instanceOf(TooManyDeletions)
      expect(await store.countUsers()).to.equal(20)
      expect(
        (await importText(store, people(17), { ...missing(), dryRun: true })).deletedCount,
      ).to.equal(3)
      await imported(store, people(17), missing({ confirmed: 3 }))
      expect(await store.countUsers()).to.equal(17)
    })

    it('stops above 500, however large the domain is', async () => {
      const store = await furnished()
      await imported(store, people(6000))
      const error = await rejection(importText(store, people(5499), missing()))
      expect(error).to.be.instanceOf(TooManyDeletions).with.property('count', 501)
      await imported(store, people(5500), missing())
      expect(await store.countUsers()).to.equal(5500)
    })

    it('keeps a break-glass account, and writes nothing for a list with a bad row', async () => {
      const store = await furnished()
      await imported(store, people(20))
      const kept = await store.userByPrincipalName('p19@customer.com')
      const report = await imported(store, people(19), missing({ keep: [kept?.id ?? ''] }))
      expect([report.deletedCount, report.keptFromDeletion]).to.deep.equal([
        0,
        ['p19@customer.com'],
      ])
      const bad = await importText(store, `${people(2)}bad\n`, missing({ confirmed: 18 }))
      expect([bad.isWritten, bad.rejectedCount]).to.deep.equal([false, 1])
      expect(await store.countUsers()).to.equal(20)
    })
  })

  describe('undoing an import', () => {
    it('brings users back to what they were, values, origins and all, the last import first', async () => {
      const store = await furnished()
      const nothing = await allUsers(store)
      await imported(store, two)
      const first = await allUsers(store)
      await imported(
        store,
        `login,immutableId,department\nbob@customer.com,${a},HR\nalice@customer.com,${b},\nnew@customer.com,${c},HR\n`,
        { now: later },
      )
      const second = await allUsers(store)
      const list = `login,department\nalice@customer.com,Board\nbob@customer.com,HR\n`
      const deleteMissing = { domain: 'customer.com', confirmed: 1 }
      await imported(store, list, { now: later + 1, deleteMissing })

      expect(await store.imports.undo(3, by)).to.include({
        kind: 'undone',
        removed: 0,
        restored: 1,
        broughtBack: 1,
      })
      expect(await allUsers(store)).to.deep.equal(second)
      expect(await originOf(store, 'new@customer.com', 'department')).to.deep.equal([
        2,
        'users.csv',
        4,
      ])
      expect(await store.imports.undo(2, by)).to.include({
        kind: 'undone',
        removed: 1,
        restored: 2,
      })
      expect(await allUsers(store)).to.deep.equal(first)
      expect(await originOf(store, 'bob@customer.com', 'department')).to.deep.equal([
        1,
        'users.csv',
        3,
      ])
      expect(await store.imports.undo(1, by)).to.include({ kind: 'undone', removed: 2 })
      expect(await allUsers(store)).to.deep.equal(nothing)
      const [last] = await store.imports.imports()
      expect(last).to.include({ undoneAt: by.at, undoneBy: 'root' })
    })

    it('is refused as a whole where something newer stands in the way, and says where', async () => {
      const store = await furnished()
      await imported(store, two)
      await imported(store, `login,department\nbob@customer.com,HR\n`, { now: later })
      const before = await allUsers(store)
      expect(await obstaclesOf(store, 1)).to.deep.equal([
        ['changedSince', 'bob@customer.com', 3, [2, 2]],
      ])
      expect(await allUsers(store)).to.deep.equal(before)

      const alice = await store.userByImmutableId(a)
      if (alice === null) throw new Error('not there')
      const user = { ...alice, displayName: 'A', lastModifiedDateTime: later + 5 }
      await store.writeUsers([{ kind: 'update', before: alice, user }])
      expect(await obstaclesOf(store, 1)).to.deep.include([
        'changedSince',
        'alice@customer.com',
        2,
        null,
      ])
    })

    it('is refused where a user is gone, or another has taken what would come back', async () => {
      const store = await furnished()
      await imported(store, two)
      await imported(store, `login,immutableId\nbob@customer.com,${c}\n`, { now: later })
      await imported(store, `login,immutableId\ndan@customer.com,${b}\n`, { now: later })
      expect(await obstaclesOf(store, 2)).to.deep.equal([
        ['valueTaken', 'bob@customer.com', 2, [3, 2]],
      ])
      const deleteMissing = { domain: 'customer.com', confirmed: 1 }
      await imported(store, `login\nalice@customer.com\ndan@customer.com\n`, { deleteMissing })
      expect(await obstaclesOf(store, 1)).to.deep.include([
        'goneSince',
        'bob@customer.com',
        3,
        [4, 0],
      ])
      expect(await obstaclesOf(store, 2)).to.deep.include([
        'goneSince',
        'bob@customer.com',
        2,
        [4, 0],
      ])
    })

    it('is refused where somebody whom it made has joined a group since, until they leave it', async () => {
      const store = await furnished()
      await imported(store, two)
      const alice = await store.userByImmutableId(a)
      const group = {
        id: '00000000-0000-4000-8000-0000000000aa',
        displayName: 'Staff',
        description: null,
        createdDateTime: later,
        lastModifiedDateTime: later,
      }
      await store.groups.write({ kind: 'create', group })
      const ids = [alice?.id ?? '']
      await store.groups.changeMembers(group.id, { add: ids, remove: [] })
      const before = await allUsers(store)
      expect(await obstaclesOf(store, 1)).to.deep.equal([
        ['joinedSince', 'alice@customer.com', 2, null],
      ])
      expect(await allUsers(store)).to.deep.equal(before)
      await store.groups.changeMembers(group.id, { add: [], remove: ids })
      expect((await store.imports.undo(1, by)).kind).to.equal('undone')
    })

    it('happens once, and for imports that there are', async () => {
      const store = await furnished()
      await imported(store, two)
      expect((await store.imports.undo(1, by)).kind).to.equal('undone')
      expect((await store.imports.undo(1, by)).kind).to.equal('alreadyUndone')
      expect((await store.imports.undo(7, by)).kind).to.equal('unknown')
    })
  })
}
