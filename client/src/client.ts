import { adminCalls } from "./admin.ts";
import { endpointCalls } from "./endpoint.ts";
import { type CallOptions, createTransport, type TransportOptions } from "./transport.ts";
import type {
  AccountForm,
  BindForm,
  BindingTicket,
  EmailChange,
  EmailCodePurpose,
  PasswordChange,
  PasswordResetForm,
  ProfileChange,
  ProviderAnswer,
  ProviderRefusal,
  SignUpForm,
  ThirdPartyAnswer,
} from "./wire.ts";

export { ApiError, type ClientErrorCode, type FieldError } from "./api-error.ts";
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

    /**
     * Sends a verification code by mail; one for `changeEmail` to whoever is logged in. Never repeated by itself: each
     * success is a mail. `retryAfterSeconds` says when the next code to this address may be asked for.
     */
    sendEmailCode: (email: string, purpose: EmailCodePurpose, more?: CallOptions) =>
      call(
        "GET /verifications/email_codes/{email}/",
        {
          path: { email },
          query: { send_type: purpose },
          paced: true,
          cookies: true,
          authenticated: purpose === "changeEmail",
        },
        more,
      ) as Promise<{ message: string; retryAfterSeconds?: number }>,

    signUp: (form: SignUpForm, more?: CallOptions) =>
      call("POST /users/", { body: { ...form, allow: String(form.allow) }, cookies: true }, more),

    /** `username` is the user name, the e-mail address or the mobile number. */
    logIn: (username: string, password: string, more?: CallOptions) =>
      call("POST /users/authorizations/", { body: { username, password }, cookies: true }, more),

    /** Sets a new password with a code sent for `resetpwd`. Every earlier token of the account dies. */
    resetPassword: (form: PasswordResetForm, more?: CallOptions) =>
      call("POST /users/password/", { body: form, cookies: true }, more),

    /** Who the token belongs to. */
    currentUser: (more?: CallOptions) => call("GET /user/", { authenticated: true, repeatable: true }, more),

    /** Changes names or the mobile number; the number needs the present password where there is one. */
    changeProfile: (change: ProfileChange, more?: CallOptions) =>
      call("PATCH /user/", { body: change, authenticated: true, cookies: true }, more),

    /** Changes the password; every earlier token ends, the answer brings a new one. */
    changePassword: (form: PasswordChange, more?: CallOptions) =>
      call("PUT /user/password/", { body: form, authenticated: true, cookies: true }, more),

    /** Changes the address, with a code sent to the new one for `changeEmail`. */
    changeEmail: (form: EmailChange, more?: CallOptions) =>
      call("PUT /user/email/", { body: form, authenticated: true, cookies: true }, more),

    /** Ends every token of the account, this one too. */
    logOutEverywhere: (more?: CallOptions) =>
      call("POST /user/tokens/end/", { authenticated: true, cookies: true }, more),

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
        { path: { provider }, query: { next }, cookies: true, authenticated: true },
        more,
      ),

    /** Hands over what the provider sent back. The provider takes a code once, so this is never repeated. */
    completeThirdParty: (provider: string, sent: ProviderAnswer | ProviderRefusal, more?: CallOptions) =>
      call(
        "GET /oauth/{provider}/user/",
        { path: { provider }, query: { ...sent }, cookies: true },
        more,
      ) as Promise<ThirdPartyAnswer>,

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

export type Client = ReturnType<typeof createClient>;
