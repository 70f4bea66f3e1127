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
  private readonly hidden: (string | undefined)[] = []

  /** The namespace of a prefix (`''`: the default namespace), or undefined when the prefix is not declared. */
  resolve(prefix: string): string | undefined {
    return this.bindings.get(prefix)
  }

  enter(declarations: readonly NamespaceDeclaration[]): void {
    for (const { prefix, uri } of declarations) {
      this.hidden.push(this.bindings.get(prefix))
      this.bindings.set(prefix, uri)
    }
  }

  /** Takes back what `enter` did with the same declarations; in reverse order of the entering. */
  leave(declarations: readonly NamespaceDeclaration[]): void {
    for (let i = declarations.length - 1; i >= 0; i--) {
      const prefix = declarations[i]?.prefix ?? ''
      const before = this.hidden.pop()
      if (before === undefined) this.bindings.delete(prefix)
      else this.bindings.set(prefix, before)
    }
  }
}
