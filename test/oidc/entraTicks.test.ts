import { readFileSync } from 'node:fs'
import { expect } from 'chai'

/** A fact about Entra's OpenID surface (public documentation and captures), and the test that shows it here. */
type Tick = readonly [fact: string, file: string, title: string]

const divergences = 'docs/divergences.md'
const facts = 'test/oidc/entraFacts.test.ts'
const tokens = 'test/oidc/entraTokens.test.ts'
const errors = 'test/oidc/errors.test.ts'
const signin = 'test/oidc/signin.test.ts'
const answers = 'test/e2e/answers.test.ts'
const wire = 'test/realm/wire.test.ts'
const homeRealm = 'test/e2e/homeRealm.test.ts'
const msal = 'test/clients/msal.test.ts'
const logout = 'test/oidc/logout.test.ts'
const mfa = 'test/oidc/mfa.test.ts'
const claims = 'test/oidc/claims.test.ts'
const clients = 'test/oidc/clients.test.ts'
const apps = 'test/oidc/apps.test.ts'
const device = 'test/oidc/device.test.ts'
const refresh = 'test/oidc/refresh.test.ts'
const once = 'test/oidc/once.test.ts'
const keys = 'test/oidc/keys.test.ts'
const openid = 'test/clients/openidClient.test.ts'

const errorShapes: readonly Tick[] = [
  ['the members of an OAuth error in JSON', errors, 'JSON: error, description with trace'],
  ['AADSTS text, Trace ID, Correlation ID, Timestamp by CRLF', errors, 'JSON: error, description'],
  ['its timestamp has a space', errors, 'JSON: error, description with trace'],
  ['error_uri is the page that knows the code', divergences, '`error_uri`'],
  ['suberror consent_required', 'test/oidc/permissions.test.ts', 'a page, or consent_required'],
  ['no store, no cache, no sniffing, x-ms-request-id', facts, 'as JSON is not kept, not sniffed'],
  ['Expires, x-ms-ests-server, x-ms-clitelem', divergences, 'headers of refusals'],
  ['Strict-Transport-Security', 'test/e2e/tls.test.ts', 'HSTS goes with the public URL'],
  ['no text has a word that MSAL looks for', facts, 'has none of the words in its text'],
  ['redirect: error, description, error_uri, state', errors, 'redirect: prompt=none without'],
  ['by query, fragment or form', errors, 'form and fragment, as the app asked'],
  ['by 302', divergences, 'redirects'],
  ['what identifies a person is not in the redirect', facts, 'to the app names nobody'],
  ['prompt=none redirects, a person sees the page', errors, 'assignment: who is not assigned'],
  ['51004 stays on the page', signin, 'a federated refusal ends on the page'],
  ['an unregistered address is never answered', errors, 'the page when no redirect is safe'],
  ['the page: four details in their order', answers, 'the details stand in their order'],
  ['Request Id is trace_id and leads to the trace', answers, 'the Request Id of the page'],
  ['Correlation Id is the client-request-id', answers, 'client-request-id, in the query'],
  ['the status of the page', divergences, 'HTTP status of the error page'],
]

const realmDiscovery: readonly Tick[] = [
  ['userrealm 1.0, managed', wire, 'of a managed domain has no word of federation'],
  ['userrealm 1.0, federated', wire, 'of a federated domain names the protocol'],
  ['userrealm 1.0, metadata address', wire, 'names the metadata of a federation'],
  ['userrealm 1.0, unknown', wire, 'of an unknown domain says Unknown'],
  ['userrealm 2.0 and 2.1', wire, 'of a federated domain leads to its identity provider'],
  ['the name as a parameter or in the path', homeRealm, 'userrealm takes the name in the path'],
  ['getuserrealm.srf: states and types', wire, 'getuserrealm.srf has the states of each realm'],
  ['GetCredentialType, federated', wire, 'of a federated domain prefers the federation'],
  ['GetCredentialType, managed', wire, 'of a managed domain asks for the password'],
  ['GetCredentialType gives the flow token back', homeRealm, 'gives the flow token back'],
  ['cloud names, protocol name, apiCanary', divergences, 'home-realm discovery for clients'],
  ['nobody learns who exists', homeRealm, 'a stranger of a known domain is answered'],
  ['the UPN’s domain decides', 'test/realm/discover.test.ts', 'goes by the domain alone'],
  ['domain_hint and whr skip the page', facts, 'hints: a name of a federated domain'],
  ['a domain that is not federated is ignored', facts, 'hints: a name of a federated domain'],
  ['domain hint before login hint', divergences, 'domain hint (`domain_hint`, `whr`)'],
  ['policies of home-realm discovery', divergences, 'home-realm discovery policies'],
  ['login_hint and select_account', divergences, '`prompt=select_account` together'],
]

const surface: readonly Tick[] = [
  ['paths, and the tenant in them', signin, 'the issuer has the GUID whatever the path names'],
  ['keys at every authority', facts, 'the keys, each with what Entra’s have'],
  ['device code at every authority', facts, "'a device code'"],
  ['logout at every authority', facts, 'the way out, by GET and by POST'],
  ['consumers', divergences, 'tenants in paths'],
  ['the instance discovery', divergences, '`/common/discovery/instance`'],
  ['the page of a code', 'test/web/codePages.test.ts', 'explain one code to the person'],
  ['discovery: the fields that are true here', signin, 'discovery has every field of Entra’s'],
  ['discovery: CORS, Cache-Control, values', signin, 'discovery tells what is true here'],
  ['discovery: sign-out and request objects', facts, 'discovery: sign-out by GET in frames'],
  ['discovery: what is Entra’s alone', divergences, 'discovery document'],
  ['the template issuer', divergences, 'issuer in the discovery document'],
  ['PKCE advertised, S256 only', divergences, 'PKCE'],
  ['PKCE without a method', facts, 'whose PKCE names no method'],
  ['codes run out after ten minutes', once, 'codes run out after ten minutes'],
  ['prompt none', errors, 'prompt=none without a session is login_required'],
  ['prompt login, max_age', signin, 'prompt=login and an old max_age'],
  ['prompt select_account', signin, 'prompt=select_account shows the e-mail page'],
  ['prompt consent', signin, 'prompt=consent asks nothing'],
  ['an answer that is not fresh', 'test/oidc/freshness.test.ts', 'is refused when the identity'],
  ['response modes', signin, 'the answer comes by query, fragment or form'],
  ['exact redirect URIs', apps, 'are compared byte for byte'],
  ['members of the token answer by scope', tokens, 'has client_info only for one who asks'],
  ['refresh tokens are rolled', divergences, 'refresh tokens'],
  ['post_logout_redirect_uri is a redirect URI', logout, 'never goes to an address that is not'],
  ['logout_hint is the login_hint claim', 'test/oidc/loginHint.test.ts', 'signs out unasked'],
  ['logout by GET and POST', logout, 'works by POST'],
  ['front-channel logout', logout, 'tells the apps of the session'],
  ['claims by scope and by the app’s choice', claims, 'name and oid go with the scope profile'],
  ['no other claims', tokens, 'has no claim but those that discovery names'],
  ['aio, rh, idp', divergences, '`aio`, `rh`, `idp`'],
  ['sid', divergences, '`sid` in ID tokens'],
  ['amr', divergences, 'auth_time, amr in ID tokens'],
  ['c_hash from the authorization endpoint only', tokens, 'has the nonce that was asked with'],
  ['groups over two hundred', claims, 'come into the token up to two hundred'],
  ['sub by app, oid the same', signin, 'sub differs by app while oid does not'],
  ['sub by HMAC', claims, 'sub is stable, differs by app, person and tenant'],
  ['on behalf of', divergences, 'on-behalf-of flow'],
  ['MSAL: authority by https, known by host and port', msal, 'takes every authority an app'],
  ['MSAL: parameters of the authorization request', signin, 'what MSAL adds is passed over'],
  ['MSAL: parameters of the token request', tokens, 'is the same whatever else MSAL sends'],
  ['MSAL: the parameter claims', tokens, 'is not changed by the parameter claims'],
  ['MSAL: client-request-id in the token address', errors, 'JSON: error, description'],
  ['MSAL: client_info', refresh, 'MSAL gets its client_info'],
  ['MSAL: nonce only when asked', signin, 'an ID token has no nonce when none was sent'],
  ['MSAL: offline_access on refresh', refresh, 'MSAL’s offline_access does no harm'],
]

/** The sentences of the promise to apps, in their order. */
const promises: readonly Tick[] = [
  ['CORS for registered origins only', 'test/oidc/cors.test.ts', 'from anywhere else they are not'],
  ['S256 required for public clients', errors, 'each mistake in a request has its number'],
  ['three ways of client authentication', clients, 'by client_secret_post, client_secret_basic'],
  ['loopback ports are free', apps, 'of native apps on loopback have a free port'],
  ['hybrid by form_post, per app', signin, 'hybrid: code and ID token by form_post'],
  ['device flow', device, 'signs a device in: code, page, sign-in, yes'],
  ['client credentials', clients, 'give a token with the roles that the admin granted'],
  ['rotation and reuse detection', once, 'refresh tokens rotate; the use of an old one'],
  ['fifty parallel redemptions of a code', once, 'of fifty parallel redemptions of a code'],
  ['fifty parallel uses of a refresh token', once, 'of fifty parallel uses of a refresh token'],
  ['access tokens of RFC 9068, checked by jose', refresh, 'validate with the published keys alone'],
  ['an API over TLS', 'test/clients/api.test.ts', 'serves a person whose app was given the scope'],
  ['groups from the named attribute', claims, 'read from the attribute that the federation'],
  ['RS256, ES256, PS256', signin, 'tokens are signed as the app chose'],
  ['keys sealed at rest', keys, 'are made once, however many nodes start at once'],
  ['the key file has mode 600', 'test/cli/dataFolder.test.ts', 'a key file of mode 600'],
  ['rotation without one failed validation', 'test/oidc/keysUnderLoad.test.ts', 'no API fails'],
  [
    'single logout to the identity provider',
    'test/e2e/logout.test.ts',
    'sends a signed LogoutRequest for',
  ],
  ['back-channel logout', logout, 'tells the apps of the session'],
  ['scrypt', 'test/password/hash.test.ts', 'cost what OWASP asks for'],
  ['smart lock-out', 'test/password/lockout.test.ts', 'who guesses from one address locks'],
  ['same answer and time for unknown users', 'test/password/hash.test.ts', 'nobody’s hash'],
  ['limits hold across restarts', 'test/security/guessing.test.ts', 'also across a restart'],
  ['TOTP of RFC 6238', 'test/password/codes.test.ts', 'are those of RFC 6238 appendix B'],
  ['recovery codes', 'test/password/codes.test.ts', 'a recovery code is good once'],
  ['federatedIdpMfaBehavior accept', mfa, 'accept: homerealm asks for the code'],
  ['federatedIdpMfaBehavior enforce', mfa, 'enforce: goes back to the identity provider once'],
  ['federatedIdpMfaBehavior reject', mfa, 'reject: the identity provider’s does not count'],
  ['a secret is shown once', apps, 'add prints the secret once; it is kept as a hash'],
  ['assignment, 50105', errors, 'assignment: who is not assigned sees 50105'],
  ['prompt=none and Bob', openid, 'Bob’s 51004 stays on homerealm’s page; the app, asked'],
  ['TLS files are reloaded', 'test/e2e/tls.test.ts', 'new connections have the new certificate'],
  ['msal-node: code, silent, second API', msal, 'signs Alice in, and one refresh token gets her'],
  ['msal-node: device code', msal, 'signs Alice in who types the code and says yes'],
  ['msal-node: secret', msal, 'proves itself by a secret'],
  ['msal-node: certificate', msal, 'proves itself by a certificate'],
  ['msal-browser', 'test/clients/msalBrowser.test.ts', 'signs Alice in by redirect'],
  ['passport', 'test/clients/passport.test.ts', 'signs Alice in and keeps her signed in'],
  ['Routty', 'test/demo-app/browser.test.ts', 'app, homerealm, Okta, homerealm, app'],
  ['the snippets are run', 'test/docs/apps.test.ts', 'shows the programs that the tests run'],
]

describe('each fact about Entra’s surface for apps is shown by a test, or is a known difference', () => {
  const texts = new Map<string, string>()
  const textOf = (file: string) => {
    const text = texts.get(file) ?? readFileSync(file, 'utf8')
    texts.set(file, text)
    return text
  }

  for (const [part, ticks] of Object.entries({ errorShapes, realmDiscovery, surface, promises })) {
    it(`${part}: the test or the difference that is named is there`, () => {
      const gone = ticks.filter(([, file, title]) =>
        file === divergences
          ? !textOf(file).includes(`\n| ${title}`)
          : !textOf(file).includes(title),
      )
      expect(gone).to.deep.equal([])
    })
  }
})
