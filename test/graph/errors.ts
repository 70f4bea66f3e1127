import type { GraphReply } from '../support/graphSite.ts'

/** What a refusal says, in short: `targets` has each detail as `target code`. */
export function errorOf({ status, body }: GraphReply) {
  const { code, details = [], innerError = {} } = body?.error ?? {}
  return {
    status,
    code: code as string,
    targets: (details as { target: string; code: string }[]).map(
      (each) => `${each.target} ${each.code}`,
    ),
    rules: (innerError.rules ?? []) as string[],
  }
}
