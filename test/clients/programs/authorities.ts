// Client credentials by each way in which an app may write its authority. Prints the access tokens as JSON.
import { ConfidentialClientApplication, ProtocolMode } from '@azure/msal-node'

const { CLIENT_ID = '', CLIENT_SECRET = '', AUTHORITIES = '' } = process.env
const authorities: [mode: 'AAD' | 'OIDC', authority: string][] = JSON.parse(AUTHORITIES)

const tokens: (string | undefined)[] = []
for (const [mode, authority] of authorities) {
  const auth = { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, authority }
  const msal = new ConfidentialClientApplication({
    auth: { ...auth, knownAuthorities: [new URL(authority).host] },
    system: { protocolMode: ProtocolMode[mode] },
  })
  const token = await msal.acquireTokenByClientCredential({ scopes: ['api://orders/.default'] })
  tokens.push(token?.accessToken)
}
process.stdout.write(JSON.stringify(tokens))
