import type { SettingProblemCode } from "../../errors/setting-problem.ts";
import type { Source } from "../../kernel/settings/read-variables.ts";
import type { Variable } from "../../kernel/settings/variable.ts";
import type { Imitation } from "./imitation.ts";
import type { ProviderClient, ProviderTitle } from "./provider.ts";
import type { Upstream } from "./upstream.ts";

/**
 * Everything the product knows of a provider: what its folder exports. The list (providers.ts) and whoever embeds the
 * server hand these on; nothing else names a provider (guard: tidy.test.ts). Most folders make theirs with
 * `defineProvider`; one of another kind writes it out, as oidc/ does.
 */
export interface ProviderDefinition {
  /** The folder's: in paths, in the bindings table, in the sandbox's addresses. Lower case, digits and `-`. */
  readonly name: string;
  /** Other names under which front ends ask for it. */
  readonly aliases: readonly string[];
  readonly title: ProviderTitle;
  /** A square SVG picture, shown at 26 to 52 pixels beside the title. */
  readonly mark: string;
  /** A number of its own in `login_type`; null for a kind with any number of providers, which are numbered in turn. */
  readonly loginType: number | null;
  /**
   * Hosts that keep the pictures of its people, whole names. Never one where anybody can put a file: the site serves
   * what lies there as its own.
   */
  readonly pictureHosts: readonly RegExp[];
  /** Paths of older front ends' callback pages, which may be registered still; they lead to the site's own. */
  readonly callbackPages: readonly string[];
  readonly settings: ProviderSettingsTable;
  /**
   * Whether a callback without a code says that the person refused. Not asked about `error`: `access_denied` means it
   * everywhere (RFC 6749 section 4.1.2.1) and everything else is trouble.
   */
  isCancel(callback: CodelessCallback): boolean;
  /**
   * Set where it sends people back by a form (OAuth 2.0 Form Post Response Mode), to the API and not to a page of the site: what
   * of the form goes on to the site's callback page, by the names that it knows. Believes nothing: anybody can send one.
   */
  readonly readForm?: (form: CallbackForm) => CodelessCallback;
  /** Its client at the sandbox, which answers below `origin` and sends people back to `redirectUri`. */
  imitated(origin: string, redirectUri: string): ConfiguredProvider;
  /** Loaded by the sandbox alone, which production has not. */
  sandbox(): Promise<{ readonly imitation: Imitation }>;
}

/** What came back, or goes on, in the address, by name; of a name that came twice the last. */
export type CodelessCallback = Readonly<Record<string, string | undefined>>;

/** What is read of a form that people are sent back by. */
export interface CallbackForm {
  readonly code?: string;
  readonly state?: string;
  readonly error?: string;
  /** Of one that tells about the person beside the code: JSON, unsigned. */
  readonly user?: string;
}

/** Who runs a provider, for the site's privacy policy. */
export interface ProviderCompany extends ProviderTitle {
  /** Outside mainland China. */
  readonly isAbroad: boolean;
}

/** A provider with credentials. */
export interface ConfiguredProvider {
  readonly name: string;
  readonly title: ProviderTitle;
  readonly mark: string;
  /** Missing where only the site's operator knows. */
  readonly company?: ProviderCompany | undefined;
  readonly redirectUri: string;
  /** The variable that sets `redirectUri`. */
  readonly redirectVariable: string;
  /** As read, the secret too: never for show. */
  readonly settings: object;
  connect(upstream: Upstream): ProviderClient;
}

export type VariableTable = Readonly<Record<string, Variable<string | null>>>;

/** The environment variables of one kind of provider. */
export interface ProviderSettingsTable {
  readonly variables: VariableTable;
  /** Variables of which the operator chooses a part of the name: no table lists them. */
  readonly family: VariableFamily | null;
  /** Notes what is wrong by `reader.refuse`; then that provider is missing in the answer. */
  read(reader: SettingsReader): ReadProviders;
  /** What unset variables come to, for check-config. */
  derived(setup: ProviderSetup, hasSandbox: boolean): Readonly<Record<string, string>>;
  /** Why a variable that is set does nothing, in one phrase; undefined where it does something. */
  idle(variable: string, state: IdleState): string | undefined;
  /** Every setting with which a server uses a sandbox of its own at `origin`. */
  forSandbox(origin: string): Readonly<Record<string, string>>;
}

export interface VariableFamily {
  /** What all its names begin with. */
  readonly prefix: string;
  /** With `<NAME>` for the part that is chosen. */
  readonly variables: VariableTable;
}

export interface ReadProviders {
  readonly configured: readonly ConfiguredProvider[];
  /** Where people come back to while the sandbox stands in. */
  readonly standIn: { readonly redirectUri: string; readonly redirectVariable: string };
}

export interface ProviderSetup extends ReadProviders {
  readonly definition: ProviderDefinition;
}

export interface IdleState {
  readonly isConfigured: boolean;
  /** Development without SANDBOX=false. */
  readonly hasSandbox: boolean;
  /** Some provider needs it, so it runs. */
  readonly runsSandbox: boolean;
  readonly source: Source;
}

export interface SettingsReader {
  /** The names of all variables that are there. */
  readonly names: readonly string[];
  readonly production: boolean;
  /** Names and aliases of other providers, and of routes beside them. */
  readonly takenNames: readonly string[];
  /** A variable of the table as its parser read it; null where it is not set, or wrong. */
  value(variable: string): string | null;
  /** A variable that no table lists; "" where it is not set, null where `parse` refused it, which is noted. */
  read(variable: string, parse?: (raw: string) => string): string | null;
  refuse(variable: string, code: SettingProblemCode, parameters?: Readonly<Record<string, string>>): void;
  /** The site's own page for a provider's callback. */
  callback(name: string): string;
  /** The API's address for the form of one with `readForm`. */
  formCallback(name: string): string;
}
