/** What is used of passport-openidconnect, which has no types of its own. */
declare module 'passport-openidconnect' {
  import { Strategy as PassportStrategy } from 'passport'

  export interface StrategyOptions {
    readonly issuer: string
    readonly authorizationURL: string
    readonly tokenURL: string
    readonly userInfoURL: string
    readonly clientID: string
    readonly clientSecret: string
    readonly callbackURL: string
    readonly scope: string
    readonly nonce: string
  }

  export type Verify = (
    issuer: string,
    profile: { readonly id: string; readonly displayName: string },
    context: unknown,
    idToken: string,
    done: (error: Error | null, user?: object | false) => void,
  ) => void

  export class Strategy extends PassportStrategy {
    constructor(options: StrategyOptions, verify: Verify)
  }
}
