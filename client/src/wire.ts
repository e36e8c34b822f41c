/** What goes over the wire, by the names people use; the shapes themselves are generated from docs/openapi.json. */
import type { OperationAnswer, OperationBody, OperationQuery } from "./operation.ts";
import type { paths } from "./schema.d.ts";

/** What an endpoint answers with 200 or 201. */
export type Answer<Path extends keyof paths, Method extends keyof paths[Path]> = OperationAnswer<
  paths[Path][Method]
>;

/** What an endpoint takes in its body. */
export type Body<Path extends keyof paths, Method extends keyof paths[Path]> = OperationBody<
  paths[Path][Method]
>;

/** What an endpoint takes in its query. */
export type Query<Path extends keyof paths, Method extends keyof paths[Path]> = OperationQuery<
  paths[Path][Method]
>;

/** What a verification code is for; a code for one purpose never works for another. */
export type EmailCodePurpose = "register" | "resetpwd" | "bindAccount" | "changeEmail" | "signIn";

/** The same of a code by SMS. */
export type SmsCodePurpose = "changeMobile" | "register" | "resetpwd" | "signIn";

/** What an owner may have to prove themselves again for. */
export type StepUpAction = Body<"/user/reauthentication/email-code/", "post">["action"];

/** `allow` is the accepted terms: the boolean, or the tutorial's text `"true"`. */
export type SignUpForm = Omit<Body<"/users/", "post">, "allow" | "username" | keyof CodeContact> &
  CodeContact & {
    allow: true | "true";
    /** Where the site asks for none (`USERNAME=optional`) it may be left out. */
    username?: string;
  };
/**
 * What a code was sent to, and the code: an address, or a number where the site takes one (`SIGN_UP_BY`, `CODE_SIGN_IN`). An address
 * beside a number is the further proof that `number_stale` asks for.
 */
export type CodeContact =
  | { email: string; email_code: string; mobile?: undefined; sms_code?: undefined }
  | { mobile: string; sms_code: string; email?: string; email_code?: string };
/** A code in place of a password; `allow` and the fields of a sign-up where an account is to be made by it. */
export type CodeLogInForm = Omit<Body<"/users/codes/sign-in/", "post">, "allow" | keyof CodeContact> &
  CodeContact & { allow?: true | "true" };
export type SignedUp = Answer<"/users/", "post">;
export type LoggedIn = Answer<"/users/authorizations/", "post">;
export type PasswordResetForm = Omit<Body<"/users/password/", "post">, keyof CodeContact> & CodeContact;

/** Of the own second factor. */
export type SecondFactorStatus = Answer<"/user/second-factor/", "get">;

/** How it stands with a lost second factor, at a log-in that waits for it. */
export type LostFactor = Answer<"/users/second-factor/lost/", "post">;
/** What shows a second factor: a code of the app, a recovery code, or what the browser made of a passkey. */
export interface FactorProof {
  code?: string;
  passkey?: PasskeyJson;
}
/** What browsers take and give of passkeys, as JSON. */
export type PasskeyJson = Record<string, unknown>;
export type Passkey = Answer<"/user/passkeys/", "get">["passkeys"][number];
/** A device on which a log-in asks for no second factor; `current` is this one. */
export type RememberedDevice = Answer<"/user/remembered-devices/", "get">["devices"][number];

/** A log-in of the account; `current` is the one that asks. */
export type SessionView = Answer<"/user/sessions/", "get">["sessions"][number];

/** A page of the log-ins of the account, ended or not; on the first one the tries that were refused, too. */
export type LogInHistory = Answer<"/user/log-ins/", "get">;

export type CurrentUser = Answer<"/user/", "get">;
export type ProfileChange = Body<"/user/", "patch">;
export type PasswordChange = Body<"/user/password/", "put">;
export type UsernameChange = Body<"/user/username/", "put">;
export type EmailChange = Body<"/user/email/", "put">;
export type MobileChange = Body<"/user/mobile/", "put">;

export type Provider = Answer<"/oauth/providers/", "get">["providers"][number];
export type AuthorizationAddress = Answer<"/oauth/{provider}/authorization/", "get">;

/** What a provider's callback brings in its query. */
export interface ProviderAnswer {
  readonly code: string;
  readonly state: string;
  /** OpenID Connect issuers send their address along. */
  readonly iss?: string;
}

/**
 * What it brings instead, under whatever names: the person refused (`oauth_cancelled`), or the provider could not do its
 * part. Handing it over fails, says which, and the server logs the provider's trouble.
 */
export interface ProviderRefusal {
  readonly code?: undefined;
  readonly [name: string]: string | undefined;
}

/** The ticket of a first log-in that is finished by adding it to an account that is logged in already. */
export interface BindingTicket {
  readonly bind_token: string;
}

type ThirdPartyWire = Answer<"/oauth/{provider}/user/", "get">;
export type ThirdPartyProfile = NonNullable<ThirdPartyWire["profile"]>;
/** The provider's account belongs to somebody here: they are logged in. */
export type ThirdPartyBound = Required<Pick<ThirdPartyWire, "user_id" | "username" | "token" | "next">> &
  Pick<ThirdPartyWire, "refresh_token">;
/** A first log-in: `bind_token` is the ticket for {@link BindForm}, {@link AccountForm} or {@link BindingTicket}, once, within 10 minutes. */
export type ThirdPartyUnbound = Required<
  Pick<ThirdPartyWire, "access_token" | "bind_token" | "profile" | "next">
>;
export type ThirdPartyAnswer = ThirdPartyBound | ThirdPartyUnbound;

/** `email_code` is one sent for `bindAccount`. */
export type BindForm = Body<"/oauth/{provider}/user/", "post">;
export type AccountForm = Body<"/oauth/{provider}/account/", "post">;
export type BoundAccount = Answer<"/oauth/{provider}/user/", "post">;
export type Binding = Answer<"/user/bindings/", "get">["bindings"][number];
