// A device without a browser, with openid-client: the person types a code on another machine.
import * as client from 'openid-client'

const { ISSUER = '', CLIENT_ID = '', PATIENCE_SECONDS = '900' } = process.env

const config = await client.discovery(new URL(ISSUER), CLIENT_ID, {}, client.None())

try {
  const device = await client.initiateDeviceAuthorization(config, {
    scope: 'openid profile offline_access',
  })
  console.log(`Open ${device.verification_uri} and type ${device.user_code}`)
  const signal = AbortSignal.timeout(Number(PATIENCE_SECONDS) * 1000)
  const tokens = await client.pollDeviceAuthorizationGrant(config, device, {}, { signal })
  console.log(`Hello ${tokens.claims()?.name}`)
} catch (error) {
  // authorization_declined: the person said no. Otherwise nobody said yes in time; who is refused (AADSTS51004 ...) reads why
  // on the page, and the device hears nothing.
  const said =
    error instanceof client.ResponseBodyError
      ? `${error.error}: ${error.error_description}`
      : (error as Error).message
  console.error(`Not signed in: ${said}`)
  process.exitCode = 1
}
