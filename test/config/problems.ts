import { ConfigError, parseConfig } from '../../src/config.ts'

type Environment = Record<string, string | undefined>

/** The problems of an environment, one line each; none when it is good. */
export function problems(environment: Environment, purpose: 'serve' | 'demo' | 'command' = 'demo') {
  try {
    parseConfig(environment, purpose)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}
