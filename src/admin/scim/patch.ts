import { type PatchPath, parsePatchPath } from './filter/parse.ts'
import { isArray, isObject, type ScimObject, type ScimValue } from './json.ts'
import { limits, urns } from './names.ts'
import { mustHaveSchema } from './schemasOf.ts'
import { bad } from './scimError.ts'

/** One operation of a PATCH (RFC 7644 section 3.5.2). */
export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove'
  /** Null: the names in `value` are the paths. */
  readonly path: PatchPath | null
  /** As it was sent, for errors. */
  readonly pathText: string
  /** Undefined when none was sent. */
  readonly value: ScimValue | undefined
}

/** Reads the operations of a PATCH; `op` in any case, as Entra writes it. Throws ScimError. */
export function readPatch(body: ScimObject): readonly PatchOperation[] {
  mustHaveSchema(body, urns.patchOp)
  const operations = body.get('operations')
  if (!isArray(operations) || operations.length === 0) {
    bad('invalidSyntax', 'Operations: it must be a list with an operation.')
  }
  if (operations.length > limits.patchOperations) {
    bad('tooMany', `Operations: ${limits.patchOperations} are the most.`)
  }
  const paths = operations.reduce((sum: number, each) => sum + charactersOfPaths(each), 0)
  if (paths > limits.patchPaths) {
    bad('tooMany', `The paths of all operations have ${limits.patchPaths} characters at most.`)
  }
  return operations.map(readOperation)
}

/** Of the path, or of the names in the value that stand for paths. */
function charactersOfPaths(operation: ScimValue): number {
  if (!isObject(operation)) return 0
  const [path, value] = [operation.get('path'), operation.get('value')]
  if (typeof path === 'string' && path !== '') return path.length
  return isObject(value) ? [...value.keys()].reduce((sum, name) => sum + name.length, 0) : 0
}

function readOperation(operation: ScimValue): PatchOperation {
  if (!isObject(operation)) bad('invalidSyntax', 'Operations: each must be an object.')
  const name = operation.get('op')
  const op = (['add', 'replace', 'remove'] as const).find(
    (each) => typeof name === 'string' && name.toLowerCase() === each,
  )
  if (op === undefined) bad('invalidSyntax', 'op: it must be add, replace or remove.')
  const value = operation.get('value')
  const path = operation.get('path') ?? ''
  if (typeof path !== 'string') bad('invalidPath', 'path: it must be a text.')
  if (path === '') {
    // RFC 7644 section 3.5.2.2.
    if (op === 'remove') bad('noTarget', 'An operation remove must have a path.')
    if (!isObject(value)) {
      bad('invalidValue', 'The value of an operation without path must be an object of attributes.')
    }
    return { op, path: null, pathText: '', value }
  }
  if (op !== 'remove' && value === undefined) {
    bad('invalidValue', `An operation ${op} must have a value.`)
  }
  return { op, path: parsePatchPath(path), pathText: path, value }
}
