import type { PlannedAnchor } from '../../directory/drift/ports.ts'

/**
 * What stands at the start of the script. In the field, Entra refuses to change an ImmutableId while the UPN is in a federated domain
 * (reported, not documented), so the admin must know before the first line fails.
 */
export const powershellHead = [
  '# Microsoft Graph PowerShell: sets onPremisesImmutableId in an Entra tenant to what Okta has.',
  '# While a domain is federated, Entra may refuse to change an ImmutableId: turn the domain to managed first, or move',
  '# the UPN to the onmicrosoft.com domain, set the ImmutableId, and move it back.',
  '#Requires -Modules Microsoft.Graph.Authentication, Microsoft.Graph.Users',
  "$ErrorActionPreference = 'Stop'",
  "Connect-MgGraph -Scopes 'User.ReadWrite.All' -NoWelcome",
  '',
].join('\r\n')

/**
 * The line that takes a user's ImmutableId away first, when somebody else of the script gets it: two users never share one. The
 * cmdlet cannot send null.
 */
export function clearingLine(upn: string): string {
  const path = `https://graph.microsoft.com/v1.0/users/${pathSegment(upn)}`
  return `Invoke-MgGraphRequest -Method PATCH -Uri ${quoted(path)} -Body '{"onPremisesImmutableId":null}' -ContentType 'application/json'\r\n`
}

/** The line that sets an ImmutableId; null for a user whom the tenant may not have. */
export function settingLine({ there, here }: PlannedAnchor): string | null {
  if (here === null || there.anchor === null) return null
  const [user, anchor] = [quoted(here.userPrincipalName), quoted(there.anchor)]
  return `Update-MgUser -UserId ${user} -OnPremisesImmutableId ${anchor}\r\n`
}

/**
 * A literal string of PowerShell (about_Quoting_Rules): nothing is expanded in it, and a quotation mark is written twice. PowerShell
 * takes the typographic ones for the plain one. Line breaks would be kept, but no UPN and no ImmutableId has any.
 */
export function quoted(text: string): string {
  return `'${text.replace(/['\u2018-\u201B]/g, '$&$&')}'`
}

function pathSegment(upn: string): string {
  return encodeURIComponent(upn).replaceAll("'", '%27')
}
