import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider'

const { base, Check, Prompt } = interactionPolicy

/**
 * When a person must be asked before an app gets its answer. `login` is the provider's own (no session, max_age, id_token_hint);
 * `select_account` shows the e-mail page; `consent` may be asked for and never asks, because consent is the admin's, who
 * registers the apps. Last, once it is clear who the person is, `refuse` may throw for one who must not use the app.
 */
export function promptPolicy(
  refuse: (ctx: KoaContextWithOIDC) => Promise<void>,
): interactionPolicy.DefaultPolicy {
  const policy = base()
  policy.remove('consent')
  const consent = new Prompt({ name: 'consent', requestable: true })
  consent.checks.clear()
  const assignment = new Prompt(
    { name: 'assignment', requestable: false },
    new Check('not_assigned', 'the person may not use the app', async (ctx) => {
      await refuse(ctx)
      return Check.NO_NEED_TO_PROMPT
    }),
  )
  policy.add(new Prompt({ name: 'select_account', requestable: true }))
  policy.add(consent)
  policy.add(assignment)
  return policy
}
