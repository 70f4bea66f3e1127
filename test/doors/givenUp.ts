import type { Model } from './model.ts'
import type { Value, Values } from './pool.ts'

type Unique = 'userPrincipalName' | 'onPremisesImmutableId'

/** What somebody gave up last of a property that is unique, and nobody has now; null for nothing. */
export function givenUp(model: Model, property: Unique): Value {
  const former: readonly Values[] = [
    ...model.log.flatMap(({ before, target }) =>
      typeof target === 'object' && 'values' in target && before !== null ? [before] : [],
    ),
    ...model.imports.flatMap(({ touched, removed }) =>
      [...touched.values(), ...removed.values()].map(({ values }) => values),
    ),
  ]
  const values = former.map((each) => each[property] ?? null).filter((value) => value !== null)
  const isFree = (value: Value) => model.takenProblems({ [property]: value }, null).length === 0
  return values.findLast(isFree) ?? null
}
