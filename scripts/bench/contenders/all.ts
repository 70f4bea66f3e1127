import type { Contender } from '../contender.ts'
import { limit } from './limit.ts'
import { nodeSaml, passportSaml } from './nodeSaml.ts'
import { core, whole } from './ours.ts'
import { samlify } from './samlify.ts'
import { xmlCrypto } from './xmlCrypto.ts'
import { xmlsec } from './xmlsec.ts'

/** In the order of the table. */
export const contenders: readonly Contender[] = [
  limit,
  core,
  whole,
  xmlsec,
  nodeSaml,
  passportSaml,
  samlify,
  xmlCrypto,
]
