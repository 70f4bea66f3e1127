import { type CatalogueEntry, nothingThere, quoted, startAgain, tellAdmin } from '../entry.ts'

/** What can be wrong with the request itself, before any account is looked at. */
export const requestCodes = {
  50011: {
    symbol: 'InvalidReplyTo',
    status: 400,
    oauthError: 'invalid_request',
    message: () =>
      'The redirect URI in the request does not match the ones registered for the application.',
    happened: 'The app asked to be answered at an address that is not registered for it.',
    personCan: tellAdmin,
    adminHere: 'Register the redirect URI for the app exactly as it sends it.',
    adminThere: nothingThere,
  },
  50059: {
    symbol: 'MissingTenantRealmAndNoUserInformationProvided',
    status: 404,
    oauthError: 'invalid_request',
    message: (v) =>
      `No tenant-identifying information found: the domain ${quoted(v.domain, 'of the address')} is not set up here.`,
    happened: 'This server does not know the domain of that e-mail address.',
    personCan: 'Check the address for a typing error, or use the address of your organization.',
    adminHere:
      'Add the domain (homerealm domains add) and federate it, if its people should sign in here.',
    adminThere: nothingThere,
  },
  90002: {
    symbol: 'InvalidTenantName',
    status: 404,
    oauthError: 'invalid_request',
    message: (v) =>
      `Tenant ${quoted(v.tenant, 'in the address')} not found. Check that the tenant ID or the domain in the address is right.`,
    happened: 'The address names a directory that is not this one.',
    personCan: 'Check the address, or go to the start and sign in from there.',
    adminHere:
      'The tenant in the path is the tenant’s GUID, one of its verified domains, organizations or common.',
    adminThere: 'Compare the Single sign-on URL of the app in Okta with this server’s ACS URL.',
  },
  90013: {
    symbol: 'InvalidUserInput',
    status: 400,
    oauthError: 'invalid_request',
    message: () => 'Invalid input received from the user: not an e-mail address.',
    happened: 'That is not an e-mail address.',
    personCan: 'Type your work address in full, like someone@example.com.',
    adminHere: 'Nothing to do.',
    adminThere: nothingThere,
  },
  90019: {
    symbol: 'MissingTenantRealm',
    status: 400,
    oauthError: 'invalid_request',
    message: () =>
      'No tenant-identifying information found in either the request or implied by any provided credentials.',
    happened: 'Nothing says which directory or account this sign-in was meant for.',
    personCan: 'Start on this site, with your e-mail address, and not from the other page.',
    adminHere:
      'An unsolicited response came to the tenant-less address and its NameID matches nobody.',
    adminThere: 'Use the ACS URL with the tenant in it.',
  },
  90023: {
    symbol: 'InvalidRequest',
    status: 400,
    oauthError: 'invalid_request',
    message: () =>
      'Invalid request: it is larger than allowed, comes too often, or has a form that is not accepted here.',
    happened: 'The request could not be taken as it was.',
    personCan: `Wait a moment, then: ${startAgain}`,
    adminHere: 'Look at the log for the Request Id.',
    adminThere: nothingThere,
  },
  90033: {
    symbol: 'MsodsServiceUnavailable',
    status: 500,
    oauthError: 'temporarily_unavailable',
    message: () => 'A transient error has occurred. Please try again.',
    happened: 'Something went wrong on this server.',
    personCan: `Try again in a moment. If it stays: ${tellAdmin}`,
    adminHere: 'Look at the log for the Request Id.',
    adminThere: nothingThere,
  },
  700016: {
    symbol: 'UnauthorizedClient_DoesNotMatchRequest',
    status: 400,
    oauthError: 'unauthorized_client',
    message: () => 'The application was not found in the directory.',
    happened: 'The app that sent you here is not registered.',
    personCan: tellAdmin,
    adminHere: 'Register the app, or correct its client id.',
    adminThere: nothingThere,
  },
  900561: {
    symbol: 'BadRequestMethod',
    status: 405,
    oauthError: 'invalid_request',
    message: () => 'The endpoint does not accept requests of this HTTP method.',
    happened: 'This address is not a page to open; sign-in pages send their answers to it.',
    personCan: startAgain,
    adminHere: 'Nothing to do.',
    adminThere: 'The binding for responses must be HTTP-POST.',
  },
} as const satisfies Record<number, CatalogueEntry>
