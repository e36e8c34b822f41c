import { adminCalls } from "./admin.ts";
import { avatarCalls } from "./avatar-calls.ts";
import { codeCalls } from "./code-calls.ts";
import { endpointCalls } from "./endpoint.ts";
import { joiningCalls } from "./joining.ts";
import { ownDataCalls } from "./own-data.ts";
import { passkeyCalls } from "./passkeys.ts";
import { secondFactorCalls } from "./second-factor.ts";
import { type CallOptions, createTransport, type TransportOptions } from "./transport.ts";
import { waitingLogInCalls } from "./waiting-log-in.ts";
import type {
  AccountForm,
  BindForm,
  BindingTicket,
  Body,
  EmailChange,
  PasswordChange,
  PasswordResetForm,
  ProfileChange,
  ProviderAnswer,
  ProviderRefusal,
  SignUpForm,
  StepUpAction,
  ThirdPartyAnswer,
  UsernameChange,
} from "./wire.ts";

export {
  ApiError,
  type CaptchaNeeded,
  type ClientErrorCode,
  type FieldError,
  type StepUpNeeded,
} from "./api-error.ts";
export type { CaptchaAnswering } from "./captcha-answering.ts";
export type { Send } from "./exchange.ts";
export { createRenewal, type Renewable, type RenewalOptions } from "./renewal.ts";
export type { CallOptions, TransportOptions } from "./transport.ts";
export type * from "./wire.ts";

/**
 * The client of Meiduo Accounts: one function for each endpoint, named by what the user does. Those for machines
 * (`/healthz`, `/readyz`, keys, pages) have none.
 *
 * Every function rejects with an {@link ApiError} and nothing else.
 */
export function createClient(options: TransportOptions) {
  const call = endpointCalls(createTransport(options));

  return {
    /** 1 or 0 accounts have this user name. A name that could never be one is a field error. */
    countUsername: (username: string, more?: CallOptions) =>
      call("GET /users/usernames/{username}/count/", { path: { username }, repeatable: true }, more),

    /** 1 or 0 accounts have this address. */
    countEmail: (email: string, more?: CallOptions) =>
      call("GET /users/emails/{email}/count/", { path: { email }, repeatable: true }, more),

    ...codeCalls(call),

    signUp: (form: SignUpForm, more?: CallOptions) =>
      call("POST /users/", { body: bodyOf(form), cookies: true }, more),

    /** What an invitation is good for: the one address, where it was mailed, and until when. One that is not is a field error. */
    checkInvitation: (invitation: string, more?: CallOptions) =>
      call("POST /users/invitations/", { body: { invitation } }, more),

    /**
     * `username` is the user name, the e-mail address or the mobile number. With `refresh` the answer has a
     * `refresh_token`, and a token that it renews ({@link createRenewal}).
     */
    logIn: (username: string, password: string, more: CallOptions & { readonly refresh?: boolean } = {}) => {
      const wish = more.refresh ? { refresh: true } : {};
      return call(
        "POST /users/authorizations/",
        { body: { username, password, ...wish }, replaces: true, cookies: true },
        more,
      );
    },

    ...secondFactorCalls(call),
    ...waitingLogInCalls(call),
    ...ownDataCalls(call),
    ...joiningCalls(call),
    ...avatarCalls(call),

    /** Passkeys: to log in by, as a second factor, and the own ones. */
    passkeys: passkeyCalls(call),

    /** Whether this session's log-in or proof is recent, and by what another one could be made. */
    reauthentication: (more?: CallOptions) =>
      call("GET /user/reauthentication/", { authenticated: true, repeatable: true }, more),

    /**
     * Proves that it is the owner who asks, after `reauthentication_required`: by `password`, `code` (of the app, or a recovery
     * code), `email_code`, or `provider` with the `code` and `state` that it sent back to a {@link reauthenticationAddress}
     * flow. With `action` the answer has the `proof` that one call of that kind takes as `more.proof`.
     */
    reauthenticate: (form: Body<"/user/reauthentication/", "post">, more?: CallOptions) =>
      call("POST /user/reauthentication/", { body: form, authenticated: true, cookies: true }, more),

    /** Mails a code for the action to the own confirmed address. Never repeated by itself: each success is a mail. */
    sendReauthenticationCode: (action: StepUpAction, more?: CallOptions) =>
      call(
        "POST /user/reauthentication/email-code/",
        { body: { action }, authenticated: true, cookies: true, paced: true },
        more,
      ) as Promise<{ message: string; retryAfterSeconds?: number }>,

    /** Where to send the browser to prove oneself by a provider that is bound; finish with {@link reauthenticate}. */
    reauthenticationAddress: (provider: string, next: string, more?: CallOptions) =>
      call(
        "POST /user/reauthentication/authorization/",
        { body: { provider, next }, authenticated: true, cookies: true },
        more,
      ),

    /** Sets a new password with a code sent for `resetpwd`. Every earlier token of the account dies. */
    resetPassword: (form: PasswordResetForm, more?: CallOptions) =>
      call("POST /users/password/", { body: form, cookies: true }, more),

    /** Who the token belongs to. */
    currentUser: (more?: CallOptions) => call("GET /user/", { authenticated: true, repeatable: true }, more),

    /** Changes names or the mobile number; the number needs the present password where there is one. */
    changeProfile: (change: ProfileChange, more?: CallOptions) =>
      call("PATCH /user/", { body: change, authenticated: true, cookies: true }, more),

    /** What the caller agreed to, and when. What is due is in {@link currentUser}'s `terms_due`. */
    consents: (more?: CallOptions) =>
      call("GET /user/consents/", { authenticated: true, repeatable: true }, more),

    /** Agrees to the present version of the terms or the privacy policy; another version is a field error. */
    agree: (consent: Body<"/user/consents/", "post">, more?: CallOptions) =>
      call("POST /user/consents/", { body: consent, authenticated: true }, more),

    /** Agrees to what nobody has to agree to, in its present version. */
    giveConsent: (purpose: "marketing", version: string, more?: CallOptions) =>
      call(
        "PUT /user/consents/{purpose}/",
        { path: { purpose }, body: { version }, authenticated: true },
        more,
      ),

    /** Withdraws it. */
    withdrawConsent: (purpose: "marketing", more?: CallOptions) =>
      call("DELETE /user/consents/{purpose}/", { path: { purpose }, authenticated: true }, more),

    /** Says that one is 14 or older, or that a guardian agrees, where {@link currentUser} has `age_due`. */
    declareAge: (age: Body<"/user/age/", "post">, more?: CallOptions) =>
      call("POST /user/age/", { body: age, authenticated: true }, more),

    /** Changes the password; every earlier token ends, the answer brings a new one. */
    changePassword: (form: PasswordChange, more?: CallOptions) =>
      call("PUT /user/password/", { body: form, authenticated: true, cookies: true }, more),

    /** Changes the address, with a code sent to the new one for `changeEmail`. */
    changeEmail: (form: EmailChange, more?: CallOptions) =>
      call("PUT /user/email/", { body: form, authenticated: true, cookies: true }, more),

    /** Changes the user name; the answer brings a token with the new one, for services that go by it. */
    changeUsername: (form: UsernameChange, more?: CallOptions) =>
      call("PUT /user/username/", { body: form, authenticated: true, cookies: true }, more),

    /** Ends every token of the account, this one too. */
    logOutEverywhere: (more?: CallOptions) =>
      call("POST /user/tokens/end/", { authenticated: true, cookies: true }, more),

    /** New tokens for a refresh token, which they replace. Repeated within 30 seconds it is answered the same. */
    refreshTokens: (refreshToken: string, more?: CallOptions) =>
      call(
        "POST /user/tokens/refresh/",
        { body: { refresh_token: refreshToken }, cookies: true, repeatable: true },
        more,
      ),

    /** The sessions of the logged-in user; `current` is this one. */
    sessions: (more?: CallOptions) =>
      call("GET /user/sessions/", { authenticated: true, repeatable: true }, more),

    /** When, how and from where the account was logged in to, the newest first; `next` is the cursor of the next page. */
    logIns: (cursor?: string, more?: CallOptions) =>
      call(
        "GET /user/log-ins/",
        { query: cursor === undefined ? {} : { cursor }, authenticated: true, repeatable: true },
        more,
      ),

    /** Ends one of them. */
    endSession: (session: string, more?: CallOptions) =>
      call("DELETE /user/sessions/{session}/", { path: { session }, authenticated: true }, more),

    /** Ends all but this one, and has every other device asked for its second factor again. */
    endOtherSessions: (more?: CallOptions) =>
      call("DELETE /user/sessions/", { authenticated: true, cookies: true }, more),

    /** Ends this session; its tokens are worth nothing from then on. */
    logOut: (more?: CallOptions) => call("DELETE /user/sessions/current/", { authenticated: true }, more),

    /** Whether somebody's access token is good now. For a service: its `token` is a secret of `manage service`. */
    introspectToken: (token: string, more?: CallOptions) =>
      call("POST /token/introspect/", { body: { token }, authenticated: true, repeatable: true }, more),

    /** "This wasn't me", with what the mail's link brought: ends every session of that account. */
    disownLogIn: (token: string, more?: CallOptions) =>
      call("POST /user/sessions/disown/", { body: { token }, cookies: true }, more),

    /** The permissions of the logged-in user. */
    ownPermissions: (more?: CallOptions) =>
      call("GET /user/permissions/", { authenticated: true, repeatable: true }, more),

    /** For staff. */
    admin: adminCalls(call),

    /** The providers that can be used here. */
    providers: (more?: CallOptions) =>
      call("GET /oauth/providers/", { cookies: true, repeatable: true }, more),

    /** Where to send the browser to log in with a provider. `next` is the path on the site to come back to. */
    authorizationAddress: (provider: string, next: string, more?: CallOptions) =>
      call(
        "GET /oauth/{provider}/authorization/",
        { path: { provider }, query: { next }, cookies: true },
        more,
      ),

    /** Where to send the browser to add a provider to the logged-in user; finish with {@link addBinding}. */
    bindingAddress: (provider: string, next: string, more?: CallOptions) =>
      call(
        "GET /oauth/{provider}/authorization/",
        // A token says by itself whom it is for; a cookie comes with every call.
        {
          path: { provider },
          query: { next, ...(options.cookieSession ? { bind: true } : {}) },
          ...{ cookies: true, authenticated: true },
        },
        more,
      ),

    /** Hands over what the provider sent back. The provider takes a code once, so this is never repeated. */
    completeThirdParty: (
      provider: string,
      sent: ProviderAnswer | ProviderRefusal,
      more: CallOptions & { readonly refresh?: boolean } = {},
    ) => {
      const query = { ...sent, ...(more.refresh ? { refresh: true } : {}) };
      return call(
        "GET /oauth/{provider}/user/",
        { path: { provider }, query, cookies: true },
        more,
      ) as Promise<ThirdPartyAnswer>;
    },

    /** Binds a first log-in to the account of an e-mail address; an unknown address makes the account. */
    bindByEmail: (provider: string, form: BindForm, more?: CallOptions) =>
      call("POST /oauth/{provider}/user/", { path: { provider }, body: form, cookies: true }, more),

    /** Makes an account from a first log-in alone, with a chosen user name and no e-mail address. */
    createFromThirdParty: (provider: string, form: AccountForm, more?: CallOptions) =>
      call("POST /oauth/{provider}/account/", { path: { provider }, body: form, cookies: true }, more),

    /** The third-party log-ins of the logged-in user. */
    bindings: (more?: CallOptions) =>
      call("GET /user/bindings/", { authenticated: true, repeatable: true }, more),

    /**
     * Adds a provider to the logged-in user, with what it sent back to a {@link bindingAddress} flow, or with the
     * `bind_token` of a first log-in.
     */
    addBinding: (provider: string, sent: ProviderAnswer | BindingTicket, more?: CallOptions) =>
      call(
        "POST /user/bindings/{provider}/",
        { path: { provider }, body: sent, authenticated: true, cookies: true },
        more,
      ),

    /** Removes every binding at a provider, also at one no longer offered; the last way to log in is refused. */
    removeBinding: (provider: string, more?: CallOptions) =>
      call("DELETE /user/bindings/{provider}/", { path: { provider }, authenticated: true }, more),

    /** `{"message":"接收OK"}`: the API answers and lets this origin read it. */
    checkConnection: (more?: CallOptions) => call("GET /test/", { repeatable: true }, more),
  };
}

function bodyOf({ allow, username, ...same }: SignUpForm): Body<"/users/", "post"> {
  // The document has the default, where a user name is required.
  return { ...same, ...(username === undefined ? {} : { username }), allow: String(allow) } as Body<
    "/users/",
    "post"
  >;
}

export type Client = ReturnType<typeof createClient>;
