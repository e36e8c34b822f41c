import { adminCalls } from "./admin.ts";
import { type Call, type CallOptions, createTransport, type TransportOptions } from "./transport.ts";
import type {
  AccountForm,
  Answer,
  AuthorizationAddress,
  BindForm,
  Binding,
  BindingTicket,
  BoundAccount,
  CurrentUser,
  EmailChange,
  EmailCodePurpose,
  LoggedIn,
  PasswordChange,
  PasswordResetForm,
  ProfileChange,
  Provider,
  ProviderAnswer,
  ProviderRefusal,
  SignedUp,
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
  const call = createTransport(options);
  const segment = encodeURIComponent;
  const authorization = (provider: string, next: string): Call => ({
    method: "GET",
    path: `/oauth/${segment(provider)}/authorization/`,
    query: { next },
    cookies: true,
  });

  return {
    /** 1 or 0 accounts have this user name. A name that could never be one is a field error. */
    countUsername: (username: string, more?: CallOptions) =>
      call<{ username: string; count: number }>(
        { method: "GET", path: `/users/usernames/${segment(username)}/count/`, repeatable: true },
        more,
      ),

    /** 1 or 0 accounts have this address. */
    countEmail: (email: string, more?: CallOptions) =>
      call<{ email: string; count: number }>(
        { method: "GET", path: `/users/emails/${segment(email)}/count/`, repeatable: true },
        more,
      ),

    /**
     * Sends a verification code by mail; one for `changeEmail` to whoever is logged in. Never repeated by itself: each
     * success is a mail. `retryAfterSeconds` says when the next code to this address may be asked for.
     */
    sendEmailCode: (email: string, purpose: EmailCodePurpose, more?: CallOptions) =>
      call<{ message: string; retryAfterSeconds?: number }>(
        {
          method: "GET",
          path: `/verifications/email_codes/${segment(email)}/`,
          query: { send_type: purpose },
          paced: true,
          cookies: true,
          authenticated: purpose === "changeEmail",
        },
        more,
      ),

    signUp: (form: SignUpForm, more?: CallOptions) =>
      call<SignedUp>({ method: "POST", path: "/users/", body: form, cookies: true }, more),

    /** `username` is the user name, the e-mail address or the mobile number. */
    logIn: (username: string, password: string, more?: CallOptions) =>
      call<LoggedIn>(
        { method: "POST", path: "/users/authorizations/", body: { username, password }, cookies: true },
        more,
      ),

    /** Sets a new password with a code sent for `resetpwd`. Every earlier token of the account dies. */
    resetPassword: (form: PasswordResetForm, more?: CallOptions) =>
      call<{ message: string }>(
        { method: "POST", path: "/users/password/", body: form, cookies: true },
        more,
      ),

    /** Who the token belongs to. */
    currentUser: (more?: CallOptions) =>
      call<CurrentUser>({ method: "GET", path: "/user/", authenticated: true, repeatable: true }, more),

    /** Changes names or the mobile number; the number needs the present password where there is one. */
    changeProfile: (change: ProfileChange, more?: CallOptions) =>
      call<CurrentUser>(
        { method: "PATCH", path: "/user/", body: change, authenticated: true, cookies: true },
        more,
      ),

    /** Changes the password; every earlier token ends, the answer brings a new one. */
    changePassword: (form: PasswordChange, more?: CallOptions) =>
      call<{ message: string; token: string }>(
        { method: "PUT", path: "/user/password/", body: form, authenticated: true, cookies: true },
        more,
      ),

    /** Changes the address, with a code sent to the new one for `changeEmail`. */
    changeEmail: (form: EmailChange, more?: CallOptions) =>
      call<CurrentUser>(
        { method: "PUT", path: "/user/email/", body: form, authenticated: true, cookies: true },
        more,
      ),

    /** Ends every token of the account, this one too. */
    logOutEverywhere: (more?: CallOptions) =>
      call<{ message: string }>(
        { method: "POST", path: "/user/tokens/end/", authenticated: true, cookies: true },
        more,
      ),

    /** The permissions of the logged-in user. */
    ownPermissions: (more?: CallOptions) =>
      call<Answer<"/user/permissions/", "get">>(
        { method: "GET", path: "/user/permissions/", authenticated: true, repeatable: true },
        more,
      ),

    /** For staff. */
    admin: adminCalls(call),

    /** The providers that can be used here. */
    providers: (more?: CallOptions) =>
      call<{ providers: Provider[] }>(
        { method: "GET", path: "/oauth/providers/", cookies: true, repeatable: true },
        more,
      ),

    /** Where to send the browser to log in with a provider. `next` is the path on the site to come back to. */
    authorizationAddress: (provider: string, next: string, more?: CallOptions) =>
      call<AuthorizationAddress>(authorization(provider, next), more),

    /** Where to send the browser to add a provider to the logged-in user; finish with {@link addBinding}. */
    bindingAddress: (provider: string, next: string, more?: CallOptions) =>
      call<AuthorizationAddress>({ ...authorization(provider, next), authenticated: true }, more),

    /** Hands over what the provider sent back. The provider takes a code once, so this is never repeated. */
    completeThirdParty: (provider: string, sent: ProviderAnswer | ProviderRefusal, more?: CallOptions) =>
      call<ThirdPartyAnswer>(
        { method: "GET", path: `/oauth/${segment(provider)}/user/`, query: { ...sent }, cookies: true },
        more,
      ),

    /** Binds a first log-in to the account of an e-mail address; an unknown address makes the account. */
    bindByEmail: (provider: string, form: BindForm, more?: CallOptions) =>
      call<BoundAccount>(
        { method: "POST", path: `/oauth/${segment(provider)}/user/`, body: form, cookies: true },
        more,
      ),

    /** Makes an account from a first log-in alone, with a chosen user name and no e-mail address. */
    createFromThirdParty: (provider: string, form: AccountForm, more?: CallOptions) =>
      call<BoundAccount>(
        { method: "POST", path: `/oauth/${segment(provider)}/account/`, body: form, cookies: true },
        more,
      ),

    /** The third-party log-ins of the logged-in user. */
    bindings: (more?: CallOptions) =>
      call<{ bindings: Binding[] }>(
        { method: "GET", path: "/user/bindings/", authenticated: true, repeatable: true },
        more,
      ),

    /**
     * Adds a provider to the logged-in user, with what it sent back to a {@link bindingAddress} flow, or with the
     * `bind_token` of a first log-in.
     */
    addBinding: (provider: string, sent: ProviderAnswer | BindingTicket, more?: CallOptions) =>
      call<Binding>(
        {
          method: "POST",
          path: `/user/bindings/${segment(provider)}/`,
          body: sent,
          authenticated: true,
          cookies: true,
        },
        more,
      ),

    /** Removes every binding at a provider, also at one no longer offered; the last way to log in is refused. */
    removeBinding: (provider: string, more?: CallOptions) =>
      call<void>(
        { method: "DELETE", path: `/user/bindings/${segment(provider)}/`, authenticated: true },
        more,
      ),

    /** `{"message":"接收OK"}`: the API answers and lets this origin read it. */
    checkConnection: (more?: CallOptions) =>
      call<{ message: string }>({ method: "GET", path: "/test/", repeatable: true }, more),
  };
}

export type Client = ReturnType<typeof createClient>;
