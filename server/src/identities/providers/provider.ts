import type { Language } from "../../words/language.ts";

/**
 * What every provider client promises: an address to send the browser to, and, for the code that comes back,
 * the person's keys. A client never keys an account on something that can change or be chosen (nickname,
 * e-mail, access token), never follows a redirect, and never puts a code, token or secret into an error.
 */
export interface ProviderClient {
  /** The provider's own page that asks the person. */
  authorizationUrl(flow: AuthorizationFlow): Promise<string>;
  /**
   * Trades the code for the person's keys. Rejects with `CodeRefused` when the provider does not know the
   * code (400), with `LogInNotFresh` (400), and with `ProviderTrouble` for everything that is not the visitor's doing (503).
   */
  identify(callback: Callback): Promise<Identity>;
  /**
   * Takes back what `identify` gave as `grant`, where the provider has a way to. One that is unknown there is taken back already.
   * Rejects with `ProviderTrouble`.
   */
  revoke?(grant: string): Promise<void>;
  /** Loads what the first visitor would otherwise wait for, where there is any. */
  load?(): Promise<void>;
}

/** A client under the name that people and bindings know it by. */
export interface Provider extends ProviderClient {
  /** As in the path and in the bindings table. */
  readonly name: string;
  /** `login_type` on the wire: the tutorial's number, where it had the provider. */
  readonly loginType: number;
  readonly title: ProviderTitle;
}

export interface ProviderTitle {
  readonly zh: string;
  readonly en: string;
}

export interface AuthorizationFlow {
  readonly state: string;
  /** PKCE (RFC 7636) and OpenID Connect nonce; null with OAUTH_STATE=path, which has nowhere to keep them. */
  readonly secrets: FlowSecrets | null;
  readonly language: Language;
  /**
   * Whether the person is to prove themselves there again, and not only to be recognised: by whatever the provider has for that.
   * Absent: no.
   */
  readonly isFresh?: boolean;
}

export interface FlowSecrets {
  readonly codeVerifier: string;
  readonly nonce: string;
}

export interface Callback {
  readonly code: string;
  readonly secrets: FlowSecrets | null;
  /** RFC 9207; only OpenID Connect providers send it. */
  readonly issuer: string | null;
  /**
   * Of a flow with `isFresh`: when it began, epoch milliseconds. A provider that says when somebody logged in rejects with
   * `LogInNotFresh` where that was before.
   */
  readonly freshSince?: number;
}

export interface Identity {
  /**
   * The keys under which this person may be bound, best first. QQ and WeChat have two: the developer-wide
   * unionid where the permission is granted, and the openid, which a binding made earlier is under.
   */
  readonly keys: readonly [string, ...string[]];
  /** How the person was authenticated, as the provider says under its signature; absent where it says nothing of it. */
  readonly authentication?: Authentication;
  /** A secret by which what the person granted is taken back; absent where the provider has no way to, or gave none. */
  readonly grant?: string;
  /** Asked for only where it is shown, so that a known person's log-in depends on fewer answers. */
  profile(): Promise<Profile>;
}

/** Claims of a verified ID token (OpenID Connect Core 1.0 section 2, RFC 8176). */
export interface Authentication {
  readonly amr: readonly string[];
  readonly acr: string | null;
}

export interface Profile {
  /** Cleaned, for show and as a suggestion; never used to find an account. */
  readonly nickname: string | null;
  /** https only. */
  readonly avatar: string | null;
  /** Only an address which the provider says it has verified; fills the form, never finds an account. */
  readonly verifiedEmail: string | null;
}

/** Credentials and addresses of one provider, from the configuration. */
export interface ProviderSettings {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  /** Without a slash at the end. */
  readonly baseUrl: string;
  /** Where a provider's API lives on another host than its pages. */
  readonly apiBaseUrl: string;
}

export type TroubleKind =
  | "timeout"
  | "connection"
  | "too_large"
  | "redirect"
  | "unreadable"
  | "unexpected"
  | "misconfigured";

/** The provider did not answer as documented. The message is for the log and holds no secret. */
export class ProviderTrouble extends Error {
  override readonly name = "ProviderTrouble";
  readonly kind: TroubleKind;
  constructor(kind: TroubleKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** The provider says the code is unknown, used or expired. */
export class CodeRefused extends Error {
  override readonly name = "CodeRefused";
  constructor(providerCode: string | number) {
    super(`the provider refused the code: ${providerCode}`);
  }
}

/** The provider was asked to have the person log in, and says that it did not, or doesn't say. */
export class LogInNotFresh extends Error {
  override readonly name = "LogInNotFresh";
  constructor(what: string) {
    super(`the provider did not ask again: ${what}`);
  }
}
