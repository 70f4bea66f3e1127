import type { Command } from 'commander'
import { options } from '../configOptions.ts'
import type { Surroundings } from './surroundings.ts'

/** `homerealm config check`: would `serve` start with this environment? */
export function addConfigCommand(program: Command, surroundings: Surroundings): void {
  const config = program.command('config').description('look at the configuration')
  config
    .command('check')
    .description('check the HOMEREALM_ variables for `serve`, and say which are set')
    .action(() => {
      surroundings.config('serve')
      const set = Object.keys(options).filter((name) => surroundings.environment[name])
      surroundings.print(
        `The configuration is good. Set: ${set.join(', ') || 'nothing'}; the rest has its default.`,
      )
    })
}
