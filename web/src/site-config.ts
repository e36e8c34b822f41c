import type { Names } from "./brand.ts";
import { fetchOwn } from "./fetch-own.ts";
import { addressOf } from "./site-path.ts";

/** What the site is given when it starts, not when it is built: one build serves every address. */
export interface SiteConfig {
  /** Address of the API without a trailing slash. */
  readonly apiUrl: string;
  /** What pages keep a session in: tokens, or a cookie that no script reads. */
  readonly session: "token" | "cookie";
  /** Where a log-in may lead back to beside this origin. */
  readonly returnOrigins: readonly string[];
  /** Providers with a button on the log-in page, in order. */
  readonly providers: readonly KnownProvider[];
  /** Those nobody can log in by here: they may still be bound, or be in a callback's address. */
  readonly otherProviders: readonly KnownProvider[];
  readonly signUp: SignUpConfig;
  /** Whether a number can be proved by a code; absent from an older server. */
  readonly sms?: boolean;
  readonly passkeys: PasskeysConfig;
  /** Whose captcha the site can show; absent or null: no vendor's. */
  readonly captcha?: string | null;
}

/** The domain that passkeys are for; null where the site's address can have none. */
export interface PasskeysConfig {
  readonly rpId: string | null;
}

/** To what codes are sent. */
export type ContactKind = "email" | "mobile";

/** Who may sign up here. The API decides; pages offer no way that it refuses. */
export interface SignUpConfig {
  readonly mode: "open" | "invitation" | "closed";
  /** Whether a user name has to be chosen, is made from the address where it isn't, or is asked for after the first log-in. */
  readonly username: "required" | "optional" | "later";
  /** What is proved to sign up. */
  readonly by: readonly ContactKind[];
  /** By what a code logs in; empty where it doesn't. */
  readonly codeLogIn: readonly ContactKind[];
  /** Whose numbers are taken; China's alone from an older server. */
  readonly countries: readonly MobileCountry[];
  /** What is asked for besides. */
  readonly fields: readonly ExtraField[];
  /** Versions of what people agree to; empty where the site keeps none. */
  readonly terms: Readonly<Record<string, string>>;
  /** Versions of what people may agree to or not; empty where the site asks nothing. */
  readonly choices: Readonly<Record<string, string>>;
  /** Whether people are asked for their age: `guardian`, children come with one; `refuse`, no children. */
  readonly age: "off" | "guardian" | "refuse";
}

/** `country` of ISO 3166-1, `callingCode` without its plus sign. */
export interface MobileCountry {
  readonly country: string;
  readonly callingCode: string;
}

/** A field of an account that the site declares. */
export interface ExtraField {
  readonly name: string;
  readonly type: "text" | "integer" | "boolean" | "choice" | "date";
  readonly required: boolean;
  readonly choices?: readonly { readonly value: string; readonly label: LabelTexts }[];
  readonly label: LabelTexts;
  readonly hint?: LabelTexts;
}

/** By language, as the brand's names. */
export type LabelTexts = Names;

export const defaultSignUp: SignUpConfig = {
  ...{ mode: "open", username: "required", by: ["email"], codeLogIn: [], fields: [], terms: {} },
  countries: [{ country: "CN", callingCode: "86" }],
  ...{ choices: {}, age: "off" },
};

export interface KnownProvider {
  /** As in the API's addresses. */
  readonly name: string;
  /** Other names for it in addresses. */
  readonly aliases: readonly string[];
  readonly title: { readonly zh: string; readonly en: string };
  /** Address of its picture, on the site. */
  readonly mark: string;
}

/** Reads /config.json; throws where it can't be read or is not a configuration. */
export async function loadSiteConfig(): Promise<SiteConfig> {
  return readConfig(await fetchOwn(addressOf("/config.json")));
}

function readConfig(config: unknown): SiteConfig {
  if (typeof config !== "object" || config === null || !("apiUrl" in config)) {
    throw new Error("/config.json is not a configuration");
  }
  const { apiUrl, ...lists } = config as {
    apiUrl: unknown;
    session?: unknown;
    returnOrigins?: unknown;
    providers?: unknown;
    otherProviders?: unknown;
    signUp?: unknown;
    sms?: unknown;
    passkeys?: unknown;
    captcha?: unknown;
  };
  if (typeof apiUrl !== "string") throw new Error("/config.json names no API");
  const listOf = (list: unknown) => (Array.isArray(list) ? list : []);
  return {
    apiUrl: apiUrl.replace(/\/+$/, ""),
    session: lists.session === "cookie" ? "cookie" : "token",
    returnOrigins: listOf(lists.returnOrigins),
    providers: listOf(lists.providers),
    otherProviders: listOf(lists.otherProviders),
    signUp: { ...defaultSignUp, ...(lists.signUp as Partial<SignUpConfig> | undefined) },
    sms: lists.sms === true,
    passkeys: { rpId: null, ...(lists.passkeys as Partial<PasskeysConfig> | undefined) },
    captcha: typeof lists.captcha === "string" ? lists.captcha : null,
  };
}
