import { CsvError } from '../admin/csv/csvError.ts'
import { TooManyDeletions } from '../admin/csv/deletions.ts'
import { DirectoryChanged } from '../admin/csv/importUsers.ts'
import { ConfigError } from '../config.ts'
import { IdpKeyError } from '../demo-okta/keys.ts'
import { DirectoryError } from '../directory/directoryError.ts'
import { StaleWrite, UniqueViolation } from '../directory/errors.ts'
import { ListenError } from '../http/listen.ts'
import { TlsError } from '../http/tls.ts'
import { AppError } from '../oidc/appError.ts'
import { KeyError } from '../oidc/keys.ts'
import { CertificateError } from '../saml/certificates.ts'
import { MetadataError } from '../saml/metadata/idpMetadata.ts'
import { SignInUriError } from '../saml/signInUri.ts'
import { DatabaseError } from '../storage/databaseError.ts'
import { UsageError } from './usageError.ts'

/** Errors whose message was written for the person at the terminal, and the exit status of each. */
const told: readonly (readonly [new (...args: never[]) => Error, 1 | 2])[] = [
  [UsageError, 2],
  [ConfigError, 2],
  [DatabaseError, 2],
  [ListenError, 2],
  [IdpKeyError, 2],
  [TlsError, 2],
  [CsvError, 2],
  [CertificateError, 2],
  [MetadataError, 2],
  [SignInUriError, 2],
  [KeyError, 2],
  [DirectoryChanged, 1],
  [DirectoryError, 1],
  [TooManyDeletions, 1],
  [AppError, 1],
  [UniqueViolation, 1],
  [StaleWrite, 1],
]

/** Of several broken rules each stands on a line of its own, with its property. */
function messageOf(error: Error): string {
  if (!(error instanceof DirectoryError)) return error.message
  // A sentence about "it" says what it is about.
  if (error.problems.length === 1) {
    return error.message.startsWith('It ') ? `${error.field}: ${error.message}` : error.message
  }
  const lines = error.problems.map(({ field, message }) => `  ${field}: ${message}`)
  return [`${lines.length} things are wrong, and nothing was changed:`, ...lines].join('\n')
}

/** Message and exit status of an error that needs no stack; null for one that is a fault of ours. */
export function toldErrors(error: unknown): { message: string; status: 1 | 2 } | null {
  for (const [kind, status] of told) {
    if (error instanceof kind) return { message: messageOf(error), status }
  }
  return null
}
