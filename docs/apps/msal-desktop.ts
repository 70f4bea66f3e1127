// A program on a person's computer with MSAL: signs them in by their browser, and calls an API for them.
import { AuthError, PublicClientApplication } from '@azure/msal-node'

const { AUTHORITY = '', CLIENT_ID = '', PATIENCE_SECONDS = '300' } = process.env
const { API_SCOPE = 'api://orders/Orders.Read', API_URL = 'http://localhost:5000' } = process.env

const msal = new PublicClientApplication({
  auth: { clientId: CLIENT_ID, authority: AUTHORITY, knownAuthorities: [new URL(AUTHORITY).host] },
})

// Who is refused (AADSTS51004 ...) reads why in the browser, and this program hears nothing: it must not wait for ever.
setTimeout(() => {
  console.error('Nobody signed in. Did the browser show an error? Its AADSTS number says which.')
  process.exit(1)
}, Number(PATIENCE_SECONDS) * 1000).unref()

try {
  const { account } = await msal.acquireTokenInteractive({
    scopes: ['openid', 'profile', 'offline_access'],
    openBrowser: async (url) => console.log(`Open ${url}`), // or start the browser: npm install open
  })
  console.log(`Hello ${account?.name}`)
  if (account === null) process.exit(1)

  const { accessToken } = await msal.acquireTokenSilent({ account, scopes: [API_SCOPE] })
  const answer = await fetch(`${API_URL}/orders`, {
    headers: { authorization: `Bearer ${accessToken}` },
  })
  console.log(`Orders: ${answer.status} ${await answer.text()}`)
  process.exit()
} catch (error) {
  if (!(error instanceof AuthError)) throw error
  console.error(`No token: ${error.errorCode} (${error.errorMessage})`)
  process.exit(1)
}
