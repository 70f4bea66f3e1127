// A job that runs as itself, with MSAL: client credentials, by a secret or by a certificate.
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { AuthError, ConfidentialClientApplication } from '@azure/msal-node'

const { AUTHORITY = '', CLIENT_ID = '', CLIENT_SECRET, CERTIFICATE, PRIVATE_KEY } = process.env
const { API_SCOPE = 'api://orders/.default', API_URL = 'http://localhost:5000' } = process.env

/** How the app proves that it is itself: by a key that never leaves it, or else by a secret. */
function credential() {
  if (CERTIFICATE === undefined || PRIVATE_KEY === undefined) {
    return { clientSecret: CLIENT_SECRET ?? '' }
  }
  const { fingerprint256 } = new X509Certificate(readFileSync(CERTIFICATE))
  const thumbprintSha256 = fingerprint256.replaceAll(':', '')
  return { clientCertificate: { thumbprintSha256, privateKey: readFileSync(PRIVATE_KEY, 'utf8') } }
}

const msal = new ConfidentialClientApplication({
  auth: {
    clientId: CLIENT_ID,
    authority: AUTHORITY,
    knownAuthorities: [new URL(AUTHORITY).host],
    ...credential(),
  },
})

try {
  const token = await msal.acquireTokenByClientCredential({ scopes: [API_SCOPE] })
  const headers = { authorization: `Bearer ${token?.accessToken}` }
  const answer = await fetch(`${API_URL}/orders`, { headers })
  console.log(`Orders: ${answer.status} ${await answer.text()}`)
} catch (error) {
  if (!(error instanceof AuthError)) throw error
  // A wrong secret is AADSTS7000215, one that is over AADSTS7000222, nothing granted AADSTS65001.
  console.error(`No token: ${error.errorCode} (${error.errorMessage})`)
  process.exitCode = 1
}
