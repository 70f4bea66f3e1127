import { Eta } from 'eta'
import { type ShownClaim, shownClaims, signatureText } from './claims.ts'
import type { Problem } from './refusals.ts'
import type { Session } from './sessions.ts'

const eta = new Eta({ autoEscape: true, cache: false })

/** Compiles one page: everything between `<%=` and `%>` is escaped, and nothing is ever put in raw. */
function page<T extends object>(title: string, main: string): (data: T) => string {
  const template = eta.compile(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} · Routty</title>
<link rel="icon" type="image/svg+xml" href="/routty.svg">
<link rel="stylesheet" href="/routty.css">
</head>
<body>
<div class="page">
<div class="card">
<header class="brand">
<svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false"><circle cx="7" cy="25" r="3"/><circle cx="25" cy="7" r="3"/><path d="M10 25h9a4.5 4.5 0 0 0 0-9h-6a4.5 4.5 0 0 1 0-9h9"/></svg>
<span>Routty</span>
<span class="tag">sample app</span>
</header>
<main>
${main}</main>
</div>
</div>
</body>
</html>
`)
  return (data) => eta.render(template, data)
}

/** The story: who does what when somebody signs in. */
const stations: readonly (readonly [place: string, what: string])[] = [
  ['Routty', 'makes up a state, a nonce and a PKCE secret, and sends your browser to homerealm.'],
  ['homerealm', 'reads the domain of your e-mail address, and knows whose Okta is its home realm.'],
  ['Okta', 'asks for your password, and signs a SAML response that names you by your ImmutableId.'],
  [
    'homerealm',
    'checks that signature, finds the user with this very ImmutableId, and gives Routty a code.',
  ],
  ['Routty', 'gets tokens for the code, checks them, and knows who you are.'],
]

const story = `<ol class="story">
<% for (const [index, [place, what]] of it.stations.entries()) { %><li class="<%= place.toLowerCase() %>"><span class="step" aria-hidden="true"><%= index + 1 %></span><strong><%= place %></strong> <%= what %></li>
<% } %></ol>
`

const start = page<object>(
  'Start',
  `<h1>Where to today?</h1>
<p class="lead">Routty plans routes, and would like to know for whom. It has no passwords of its own: homerealm signs you in, at the Okta of your company.</p>
<div class="actions">
<a class="button primary" href="/signin">Sign in</a>
</div>
<h2>People to try, with any password</h2>
<ul class="people">
<% for (const person of it.people) { %><li><a href="/signin?login_hint=<%= encodeURIComponent(person.email) %>"><%= person.email %></a> <span class="note"><%= person.note %></span></li>
<% } %></ul>
<h2>The way you will go</h2>
${story}<h2>Other ways to ask</h2>
<ul class="people">
<li><a href="/signin?prompt=none">Ask silently</a> <span class="note">lets you in at once if homerealm knows you already; else it answers with an error (prompt=none)</span></li>
<li><a href="/signin?prompt=select_account">Choose an account</a> <span class="note">asks for the e-mail address again (prompt=select_account)</span></li>
<li><a href="/signin?prompt=login">Sign in anew</a> <span class="note">asks Okta for the password again (prompt=login)</span></li>
</ul>
`,
)

/** For one who is not signed in. */
export function startPage(data: {
  readonly people: readonly { readonly email: string; readonly note: string }[]
}): string {
  return start({ ...data, stations })
}

const table = (rows: string): string => `<dl class="claims">
<% for (const { name, value, meaning } of ${rows}) { %><div><dt><%= name %></dt><dd><%= value %><% if (meaning) { %> <span class="note"><%= meaning %></span><% } %></dd></div>
<% } %></dl>
`

const home = page<{
  readonly name: string
  readonly account: string
  readonly outcome: Session['outcome']
  readonly idToken: readonly ShownClaim[]
  readonly idSignature: string
  readonly accessToken: readonly ShownClaim[] | null
  readonly accessSignature: string
  readonly userinfo: readonly ShownClaim[] | null
  readonly hasRefreshToken: boolean
  readonly renewals: string
  readonly scope: string
  readonly isExpired: boolean
  readonly stations: typeof stations
}>(
  'Your tokens',
  `<h1>Hello, <bdi><%= it.name %></bdi></h1>
<div class="person">
<div>
<p class="name"><bdi><%= it.account %></bdi></p>
<p class="note">signed in through homerealm</p>
</div>
<form method="post" action="/signout"><button class="button" type="submit">Sign out</button></form>
</div>
<% if (it.outcome) { %><div class="<%= it.outcome.isGood ? 'notice' : 'problem' %>" id="outcome" role="<%= it.outcome.isGood ? 'status' : 'alert' %>">
<p><strong><%= it.outcome.headline %></strong> <%= it.outcome.text %></p>
</div>
<% } %><h2>The way you came</h2>
${story}<h2>What you can do with the tokens</h2>
<ul class="doings">
<li>
<div><strong>Renew silently</strong> <span class="note"><% if (it.hasRefreshToken) { %>The refresh token gets new ones, without you. <%= it.renewals %><% } else { %>There is no refresh token any more: sign in again to get one.<% } %></span></div>
<% if (it.hasRefreshToken) { %><form method="post" action="/renew"><button class="button" type="submit">Renew</button></form>
<% } else { %><a class="button" href="/signin">Sign in</a>
<% } %></li>
<li>
<div><strong>Ask userinfo</strong> <span class="note"><% if (it.isExpired) { %>The access token has run out: renew first.<% } else { %>An API of homerealm that the access token opens.<% } %></span></div>
<form method="post" action="/userinfo"><button class="button" type="submit">Ask</button></form>
</li>
</ul>
<% if (it.userinfo) { %><h2>Userinfo</h2>
${table('it.userinfo')}<% } %><h2>ID token</h2>
<p class="note">Who you are, said to Routty alone. Signed with <%= it.idSignature %>; the signature holds.</p>
${table('it.idToken')}<h2>Access token</h2>
<% if (it.accessToken) { %><p class="note">A key to an API, for scope <%= it.scope %>. An app carries it and need not read it; Routty opens it to show you. Signed with <%= it.accessSignature %>.</p>
${table('it.accessToken')}<% } else { %><p class="note">This one is no JWT: only the API that it is for can read it.</p>
<% } %><p class="note">The tokens themselves stay on Routty’s server: this browser has a handle in a cookie, and no script.</p>
`,
)

/** For one who is signed in: all that the tokens say. `now` in milliseconds. */
export function homePage(session: Session & { readonly now: number }): string {
  const { tokens, userinfo, renewals, outcome, now } = session
  const { id, access } = tokens
  const account = String(id.claims.preferred_username ?? id.claims.sub)
  return home({
    name: String(id.claims.name ?? account),
    account,
    outcome,
    idToken: shownClaims(id.claims),
    idSignature: signatureText(id),
    accessToken: access && shownClaims(access.claims, 'access'),
    accessSignature: access ? signatureText(access) : '',
    userinfo: userinfo && shownClaims(userinfo),
    hasRefreshToken: tokens.refreshToken !== null,
    renewals: renewals === 0 ? 'Not used so far.' : `Renewed so far: ${renewals}.`,
    scope: tokens.scope,
    isExpired: tokens.accessExpiresAt <= now,
    stations,
  })
}

/** Why a sign-in came to nothing. */
export const problemPage = page<
  Problem & { readonly homerealmUrl: string; readonly signedInAs: string | null }
>(
  'Not signed in',
  `<h1><%= it.heading %></h1>
<div role="alert"><p><%= it.happened %></p></div>
<p><%= it.personCan %></p>
<% if (it.signedInAs !== null) { %><p class="notice">You are still signed in to Routty as <bdi><%= it.signedInAs %></bdi>. <a href="/">Go to your tokens</a></p>
<% } %><div class="actions">
<a class="other" href="/">To the start</a>
<a class="button primary" href="/signin">Sign in</a>
</div>
<h2>Details</h2>
<dl class="claims">
<% for (const [name, value] of it.details) { %><div><dt><%= name %></dt><dd><%= value %></dd></div>
<% } %></dl>
<% if (it.aadsts !== null) { %><p class="below"><a href="<%= it.homerealmUrl %>/error?code=<%= it.aadsts %>">What does AADSTS<%= it.aadsts %> mean?</a></p>
<% } %>`,
)

/** On the way to homerealm, to sign out there too. */
export const leavingPage = page<{ readonly url: string }>(
  'Signing out',
  `<h1>Signing you out</h1>
<p>You are signed out of Routty. homerealm is told now.</p>
<div class="actions"><a class="button primary" href="<%= it.url %>">Continue</a></div>
`,
)

/** Back from homerealm. */
export const signedOutPage = page<object>(
  'Signed out',
  `<h1>You are signed out</h1>
<p>Of Routty, of homerealm, and of the other apps of that session. Okta may still know you.</p>
<div class="actions"><a class="button primary" href="/">To the start</a></div>
`,
)

/** One thing to say. */
export const simplePage = page<{ readonly heading: string; readonly text: string }>(
  'Problem',
  `<h1><%= it.heading %></h1>
<p role="alert"><%= it.text %></p>
<div class="actions"><a class="button primary" href="/">To the start</a></div>
`,
)
