import type { Surroundings } from '../../src/cli/surroundings.ts'
import { parseConfig } from '../../src/config.ts'
import type { Storage } from '../../src/storage/storage.ts'

/** The surroundings of a command in this process: no terminal, nothing typed, and nothing heard but by what `more` says. */
export function surroundingsOver(
  storage: Storage,
  environment: Readonly<Record<string, string>>,
  more: Partial<Surroundings>,
): Surroundings {
  return {
    environment,
    config: () => parseConfig(environment, 'command'),
    openStorage: async () => storage,
    secondOpinion: () => {
      throw new Error('not asked for')
    },
    print: () => {},
    complain: () => {},
    readSecret: async () => '',
    exit: () => {},
    interrupted: new AbortController().signal,
    isTerminal: false,
    ...more,
  }
}
