/**
 * What the site's own code may decide at three points: whether somebody may sign up, whether somebody who proved an account
 * may come in, and what else the access token says. Promises: no password, code, token, ticket or address of a network is
 * ever told; none is asked inside a transaction, or while a place in the queue of hashes is held.
 */
export interface SignUpEvent {
  /** Null for an account that is made of a third party's log-in alone. */
  readonly email: string | null;
  /** Null where it will be made from the address. */
  readonly username: string | null;
  readonly way: "sign_up" | "provider_sign_up";
  /** The third party's name. */
  readonly provider: string | null;
  /** Whether an invitation was brought, and is good. */
  readonly invited: boolean;
  /** Of SIGN_UP_FIELDS, those that `services` may read. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** An account whose owner proved it, by the first factor. */
export interface SessionEvent {
  readonly user_id: number;
  readonly username: string;
  readonly email: string | null;
  readonly is_staff: boolean;
  readonly is_superuser: boolean;
  /** How they came: `password`, `provider`, `sign_up`, …; `refresh` and `new_password` where a session goes on; `impersonation` where staff act in their place. */
  readonly way: string;
  readonly provider: string | null;
}

/** Texts for the person, shown as text, at most 200 characters. One text stands for both languages. */
export type Sentence = string | { readonly zh: string; readonly en: string };

export type Verdict = { readonly allow: true } | { readonly allow: false; readonly message: Sentence };

/** What an embedding program gives to `createApp(context, { hooks })`. Each has its time-out, and may be left out. */
export interface Hooks {
  /** Before an account is made, after its code proved right. */
  readonly beforeSignUp?: (event: SignUpEvent, signal: AbortSignal) => Promise<Verdict> | Verdict;
  /** Before a session opens, or a request by HTTP Basic passes, after the first factor proved right. */
  readonly beforeSession?: (event: SessionEvent, signal: AbortSignal) => Promise<Verdict> | Verdict;
  /** Further claims of the access token. Each name has a namespace: `shop:roles`, `https://shop.example/roles`. */
  readonly claims?: (event: SessionEvent, signal: AbortSignal) => Promise<Claims> | Claims;
}

export type Claims = Readonly<Record<string, unknown>>;

export const hookNames = ["beforeSignUp", "beforeSession", "claims"] as const;
export type HookName = (typeof hookNames)[number];
