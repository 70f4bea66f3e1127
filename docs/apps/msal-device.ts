// A device without a browser, with MSAL: the person types a code on another machine.
import { AuthError, PublicClientApplication } from '@azure/msal-node'

const { AUTHORITY = '', CLIENT_ID = '', PATIENCE_SECONDS = '900' } = process.env

const msal = new PublicClientApplication({
  auth: { clientId: CLIENT_ID, authority: AUTHORITY, knownAuthorities: [new URL(AUTHORITY).host] },
})

try {
  const signedIn = await msal.acquireTokenByDeviceCode({
    scopes: ['openid', 'profile', 'offline_access'],
    timeout: Number(PATIENCE_SECONDS),
    deviceCodeCallback: ({ message }) => console.log(message),
  })
  console.log(`Hello ${signedIn?.account?.name}`)
} catch (error) {
  if (!(error instanceof AuthError)) throw error
  // authorization_declined: the person said no. user_timeout_reached, device_code_expired: nobody said yes; who is refused
  // (AADSTS51004 ...) reads why on the page, and the device hears nothing.
  console.error(`Not signed in: ${error.errorCode} (${error.errorMessage})`)
  process.exitCode = 1
}
