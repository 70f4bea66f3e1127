import { Eta } from 'eta'
import { faultGroups, faults } from './faults/index.ts'

const eta = new Eta({ autoEscape: true, cache: false })

/** Compiles one page: everything between `<%=` and `%>` is escaped, and nothing is ever put in raw. */
function page<T extends object>(title: string, main: string, head = ''): (data: T) => string {
  const template = eta.compile(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - Demo Okta</title>
<link rel="stylesheet" href="/demo-okta.css">
${head}</head>
<body>
<p class="notice" role="note">This is a demo Okta, a stand-in for testing. Any password works.</p>
<main>
<p class="brand">demo okta</p>
${main}</main>
</body>
</html>
`)
  return (data) => eta.render(template, data)
}

export interface SignInPage {
  /** Handle of the sign-in in progress. */
  readonly state: string
  readonly username: string
  /** What went wrong with the last try; null at first. */
  readonly problem: string | null
  /** Name of the fault that is chosen; empty for none. */
  readonly fault: string
}

const signIn = page<object>(
  'Sign in',
  `<h1>Sign in</h1>
<% if (it.problem) { %><p class="alert" role="alert" id="problem"><%= it.problem %></p>
<% } %><form method="post" action="/login">
<input type="hidden" name="state" value="<%= it.state %>">
<label for="username">Username</label>
<input id="username" name="username" value="<%= it.username %>" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="256" required<% if (it.problem) { %> aria-describedby="problem"<% } %><% if (!it.username) { %> autofocus<% } %>>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="256"<% if (it.username) { %> autofocus<% } %>>
<button type="submit">Sign in</button>
<details<% if (it.fault) { %> open<% } %>>
<summary>For testers: send a faulty response</summary>
<label for="fault">What to send instead</label>
<select id="fault" name="fault">
<option value="">An honest response</option>
<% for (const group of it.groups) { %><optgroup label="<%= group.name %>">
<% for (const fault of group.faults) { %><option value="<%= fault.name %>"<% if (fault.name === it.fault) { %> selected<% } %>><%= fault.title %></option>
<% } %></optgroup>
<% } %></select>
</details>
</form>
`,
)

const menu = faultGroups.map((name) => ({
  name,
  faults: [...faults.values()].filter(({ group }) => group === name),
}))

/** The sign-in page with its menu of faults. */
export function signInPage(data: SignInPage): string {
  return signIn({ ...data, groups: menu })
}

/** The form of the HTTP POST binding (SAML bindings section 3.5.4): sends itself, or has a button where scripts are off. */
export const postPage = page<{
  readonly acs: string
  readonly origin: string
  readonly samlResponse: string
  readonly relayState: string | null
}>(
  'Signing in',
  `<h1>Signing you in</h1>
<p class="soft">Your browser carries the response to <%= it.origin %>. If nothing happens, go on by hand.</p>
<form id="response" method="post" action="<%= it.acs %>">
<input type="hidden" name="SAMLResponse" value="<%= it.samlResponse %>">
<% if (it.relayState !== null) { %><input type="hidden" name="RelayState" value="<%= it.relayState %>">
<% } %><button type="submit">Continue</button>
</form>
`,
  '<script src="/demo-okta.js" defer></script>\n',
)

/** The landing page: what this is, the app's chiclet, and who can sign in. */
export const landingPage = page<{
  readonly ssoPath: string
  readonly metadataPath: string
  readonly issuer: string
  readonly acs: string
  readonly audience: string
  readonly people: readonly { readonly login: string; readonly name: string }[]
  readonly more: number
}>(
  'Home',
  `<h1>A stand-in for Okta</h1>
<p class="soft">It plays the identity provider of a federated domain, for the demo and for tests. It is not Okta and not made by Okta.</p>
<h2>My apps</h2>
<a class="chiclet" href="<%= it.ssoPath %>">homerealm</a>
<p class="soft">Sends a response that nobody asked for (IdP-initiated). homerealm refuses that unless it is told otherwise.</p>
<h2>The app's settings</h2>
<ul>
<li>Issuer: <%= it.issuer %></li>
<li>Single sign-on URL: <%= it.acs %></li>
<li>Audience URI: <%= it.audience %></li>
<li><a href="<%= it.metadataPath %>">Identity provider metadata</a></li>
</ul>
<h2>People</h2>
<ul>
<% for (const person of it.people) { %><li><%= person.login %> (<%= person.name %>)</li>
<% } %></ul>
<% if (it.more > 0) { %><p class="soft">and <%= it.more %> more.</p>
<% } %>`,
)

/** When there is nothing to sign in to. */
export const problemPage = page<{ readonly heading: string; readonly message: string }>(
  'Problem',
  `<h1><%= it.heading %></h1>
<p role="alert"><%= it.message %></p>
<p class="soft"><a href="/">To the start of the demo Okta</a></p>
`,
)
