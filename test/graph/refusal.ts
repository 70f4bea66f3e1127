import { GraphError } from '../../src/admin/graph/error.ts'

/** The refusal that the work ends with; fails when it ends with none. */
export function refusalOf(work: () => unknown): GraphError {
  try {
    work()
  } catch (error) {
    if (error instanceof GraphError) return error
    throw error
  }
  throw new Error('nothing was refused')
}
