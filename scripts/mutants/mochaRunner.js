/**
 * mutants/: mutation testing (`npm run mutants`): plugins for Stryker, and what it is told to do. Nothing else uses it.
 *
 * This one runs mocha for Stryker. Its own mocha-runner does not load with mocha 12, of which it wants an internal file.
 */
import { globSync } from 'node:fs'
import { relative } from 'node:path'
import { INSTRUMENTER_CONSTANTS } from '@stryker-mutator/api/core'
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin'
import {
  DryRunStatus,
  determineHitLimitReached,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner'
import fc from 'fast-check'
import Mocha from 'mocha'

/** What the instrumented code and Stryker tell each other: which mutant is active, which test covers what. */
globalThis[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {}
// Every mutant sees the same random values, and a property that failed has done its work: shrinking takes long, as if it hung.
fc.configureGlobal({ seed: 1, endOnFailure: true })
const instrumented = globalThis[INSTRUMENTER_CONSTANTS.NAMESPACE]

class MochaRunner {
  static inject = tokens(commonTokens.options)

  constructor({ specs }) {
    this.files = globSync(specs).sort()
    this.mocha = new Mocha({ reporter: class {}, timeout: 0 })
    this.mocha.cleanReferencesAfterRun(false)
    for (const file of this.files) this.mocha.addFile(file)
    /** Test to its id; empty until the files are loaded. */
    this.ids = new Map()
  }

  /** Modules are loaded once a process, so Stryker starts a new one for mutants that are executed at load. */
  capabilities() {
    return { reloadEnvironment: false }
  }

  async dryRun({ coverageAnalysis, disableBail }) {
    await this.load(undefined)
    const result = await this.run({ bail: !disableBail, testIds: null })
    if (result.status === DryRunStatus.Complete && coverageAnalysis !== 'off')
      result.mutantCoverage = this.withHooksSpread(instrumented.mutantCoverage)
    return result
  }

  async mutantRun({ activeMutant, testFilter, disableBail, hitLimit, mutantActivation }) {
    await this.load(mutantActivation === 'static' ? activeMutant.id : undefined)
    instrumented.hitLimit = hitLimit
    instrumented.hitCount = hitLimit ? 0 : undefined
    instrumented.activeMutant = activeMutant.id
    const result = await this.run({ bail: !disableBail, testIds: testFilter ?? null })
    const timeout = determineHitLimitReached(instrumented.hitCount, hitLimit)
    const isFirst = !this.hasRunMutant
    this.hasRunMutant = true
    // Stryker then starts a new process and runs it there
    if (!isFirst && (await this.isSpoiled(result)))
      throw new Error('an earlier mutant has spoiled what the modules of this process share')
    return toMutantRunResult(timeout ?? result)
  }

  /**
   * Whether the tests that failed fail without a mutant too. A mutant can write to what all calls share, an empty list for example; every
   * later one would then look as if the tests had noticed it.
   */
  async isSpoiled({ tests }) {
    const failed = tests.filter(({ status }) => status === TestStatus.Failed)
    if (failed.length === 0) return false
    instrumented.activeMutant = undefined
    instrumented.hitLimit = undefined
    instrumented.hitCount = undefined
    const again = await this.run({ bail: true, testIds: failed.map(({ id }) => id) })
    return again.tests.some(({ status }) => status === TestStatus.Failed)
  }

  /** Puts the suite of a test that failed first: it will probably find the next mutant too, a neighbour of this one. */
  moveToFront(test) {
    let suite = test.parent
    while (suite.parent && !suite.parent.root) suite = suite.parent
    const { suites } = this.mocha.suite
    const at = suites.indexOf(suite)
    if (at > 0) suites.unshift(...suites.splice(at, 1))
  }

  /** Loads the test files, and with them the code, while `staticMutant` is active. Does nothing the second time. */
  async load(staticMutant) {
    if (this.ids.size > 0) return
    instrumented.activeMutant = staticMutant
    try {
      await this.mocha.loadFilesAsync()
    } catch (error) {
      // a mutant that keeps the code from loading is seen by any test: the run then reports it
      this.loadFault = error
    }
    const seen = new Map()
    for (const test of testsOf(this.mocha.suite)) {
      const name = `${relative(process.cwd(), test.file)}: ${test.fullTitle()}`
      const count = (seen.get(name) ?? 0) + 1
      seen.set(name, count)
      this.ids.set(test, count === 1 ? name : `${name} (${count})`)
    }
    this.suiteTests = new Map(suitesOf(this.mocha.suite).map((suite) => [suite, suite.tests]))
  }

  /** Runs the tests with these ids, or all, and reports those that ran. */
  async run({ bail, testIds }) {
    if (this.loadFault !== undefined) return failedLoad(this.loadFault)
    const wanted = testIds && new Set(testIds)
    for (const [suite, tests] of this.suiteTests) {
      suite.bail(bail)
      suite.tests = wanted === null ? tests : tests.filter((it) => wanted.has(this.ids.get(it)))
    }
    const results = []
    let failed
    let startedAt = performance.now()
    const report = (test, outcome) => {
      const id = this.ids.get(test) ?? test.fullTitle()
      const timeSpentMs = performance.now() - startedAt
      startedAt = performance.now()
      results.push({ id, name: id, fileName: test.file, timeSpentMs, ...outcome })
    }
    await new Promise((done) => {
      const runner = this.mocha.run(done)
      runner.on('hook', (hook) => {
        if (hook.title.startsWith('"before all"')) instrumented.currentTestId = hookId(hook.parent)
      })
      runner.on('test', (test) => {
        instrumented.currentTestId = this.ids.get(test)
      })
      runner.on('pass', (test) => report(test, { status: TestStatus.Success }))
      runner.on('fail', (test, { message, stack }) => {
        const failureMessage = message || stack || 'no message'
        report(test.ctx?.currentTest ?? test, { status: TestStatus.Failed, failureMessage })
        failed ??= test
      })
    })
    if (failed !== undefined) this.moveToFront(failed)
    return { status: DryRunStatus.Complete, tests: results }
  }

  /** What a suite's `before` executes is covered by each of its tests. */
  withHooksSpread({ static: atLoad, perTest }) {
    const spread = Object.fromEntries([...this.ids.values()].map((id) => [id, perTest[id] ?? {}]))
    for (const suite of this.suiteTests.keys())
      for (const test of testsOf(suite))
        for (const [mutant, hits] of Object.entries(perTest[hookId(suite)] ?? {})) {
          const covered = spread[this.ids.get(test)]
          covered[mutant] = (covered[mutant] ?? 0) + hits
        }
    return { static: atLoad, perTest: spread }
  }
}

function suitesOf(suite) {
  return [suite, ...suite.suites.flatMap(suitesOf)]
}

function testsOf(suite) {
  return suitesOf(suite).flatMap((each) => each.tests)
}

function hookId(suite) {
  return `before: ${suite.file} ${suite.fullTitle()}`
}

function failedLoad(error) {
  const failureMessage = error?.stack ?? String(error)
  return {
    status: DryRunStatus.Complete,
    tests: [
      { id: 'load', name: 'load', timeSpentMs: 0, status: TestStatus.Failed, failureMessage },
    ],
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'mocha12', MochaRunner)]

/** The option that tells it which files to run. */
export const strykerValidationSchema = {
  type: 'object',
  properties: { specs: { type: 'array', items: { type: 'string' } } },
}
