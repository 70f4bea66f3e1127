import { ns } from './names.ts'
import type { NamespaceDeclaration } from './tree.ts'

/**
 * The namespace bindings in force at one point of a walk through a document. Entering and leaving an element costs its own
 * declarations only, however deep it stands and however many are in force.
 */
export class NamespaceScope {
  private readonly bindings = new Map<string, string>([
    ['', ''],
    ['xml', ns.xml],
  ])
  /** What each declaration entered has hidden, to be put back. */
  private readonly hidden: (string | undefined)[] = []
  /** The last answer: neighbours mostly share their prefix, and comparing it costs less than hashing it. */
  private lastPrefix = ''
  private lastUri: string | undefined = ''

  /** The namespace of a prefix (`''`: the default namespace), or undefined when the prefix is not declared. */
  resolve(prefix: string): string | undefined {
    if (prefix === this.lastPrefix) return this.lastUri
    this.lastPrefix = prefix
    this.lastUri = this.bindings.get(prefix)
    return this.lastUri
  }

  enter(declarations: readonly NamespaceDeclaration[]): void {
    for (const { prefix, uri } of declarations) {
      const before = this.bindings.get(prefix)
      this.hidden.push(before)
      if (before !== uri) this.bind(prefix, uri)
    }
  }

  /** Takes back what `enter` did with the same declarations; in reverse order of the entering. */
  leave(declarations: readonly NamespaceDeclaration[]): void {
    for (let i = declarations.length - 1; i >= 0; i--) {
      const declaration = declarations[i]
      const before = this.hidden.pop()
      if (declaration !== undefined && declaration.uri !== before)
        this.bind(declaration.prefix, before)
    }
  }

  private bind(prefix: string, uri: string | undefined): void {
    if (uri === undefined) this.bindings.delete(prefix)
    else this.bindings.set(prefix, uri)
    if (prefix === this.lastPrefix) this.lastUri = uri
  }
}
