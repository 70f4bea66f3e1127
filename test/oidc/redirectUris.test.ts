import { expect } from 'chai'
import { principalNameKey } from '../../src/directory/upn.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { AppError } from '../../src/oidc/appError.ts'
import { addApp, changeApp } from '../../src/oidc/apps.ts'
import { isRegistered, readRedirectUri } from '../../src/oidc/redirectUris.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { rejection } from '../storage/samples.ts'

const now = 0

describe('the schemes of redirect URIs', () => {
  const guid = '2f0c8a52-6f4e-4c1b-9d53-5a8f0b6f3c11'

  it('of native apps are https, http on loopback, a domain backwards, or one of MSAL’s', () => {
    for (const uri of [
      'https://app.example/cb',
      'http://[::1]/cb',
      'com.example.app:/cb',
      'com.example.app://cb?x=1',
      'msauth.com.example.app://auth',
      `msal${guid}://auth`,
      'msauth://com.example.app/2pmj9i4rSx0yEb%2FviWBYkE%2FZQrk%3D',
      `ms-appx-web://Microsoft.AAD.BrokerPlugin/${guid}`,
      'ms-app://S-1-15-2-2973/',
    ]) {
      expect(readRedirectUri(uri, 'native'), uri).to.deep.equal({ uri, platform: 'native' })
    }
  })

  it('are no others: what runs, reads or opens something else leads to no app', () => {
    for (const uri of [
      'filesystem:https://app.example/temporary/x',
      'view-source:https://app.example/',
      'intent://app.example/#Intent;end'.replace('#', '%23'),
      'mailto:a@app.example',
      'tel:1',
      'sms:1',
      'javascript:alert(1)',
      'JavaScript:alert(1)',
      'data:text/html,x',
      'blob:https://app.example/x',
      'about:blank',
      'chrome:settings',
      'ms-settings:x',
      'ms-msdt:/id',
      'search-ms:query=x',
      'myapp:/cb',
      'msal://auth',
      `msal${guid}://other`,
      `msal${guid}x://auth`,
      'ms-appx:///x',
    ]) {
      const register = () => readRedirectUri(uri, 'native')
      expect(register, uri).to.throw(AppError, 'scheme with a dot in it, such as com.example.app:/')
    }
    expect(() => readRedirectUri('http://app.example/', 'native')).to.throw(AppError, 'https')
  })

  it('that name an app by its id are for that app alone', async () => {
    const { apps } = memoryStorage({ principalNameKey })
    const made = await addApp(
      apps,
      { displayName: 'Desk', isPublic: true },
      { now, random: systemRandom },
    )
    const native = (id: string) => ({
      redirectUris: [{ uri: `msal${id}://auth`, platform: 'native' as const }],
    })
    const error = await rejection(changeApp(apps, made, native(guid)))
    expect(error).to.be.instanceOf(AppError)
    expect(String(error)).to.include(`--native msal${made.id}://auth`)
    const changed = await changeApp(apps, made, native(made.id))
    expect(isRegistered(changed, `msal${made.id}://auth`)).to.equal(true)
  })
})
