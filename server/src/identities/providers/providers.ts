import { apple } from "./apple/provider.ts";
import type { CallbackForm, CodelessCallback, ProviderDefinition, ProviderSetup } from "./definition.ts";
import { github } from "./github/provider.ts";
import { oidc } from "./oidc/provider.ts";
import type { Provider, ProviderTitle } from "./provider.ts";
import { qq } from "./qq/provider.ts";
import type { Upstream } from "./upstream.ts";
import { wechat } from "./wechat/provider.ts";
import { weibo } from "./weibo/provider.ts";

/** Every provider, in the order in which they are offered. Each is a folder and its entry here. */
export const providerList: readonly ProviderDefinition[] = [qq, weibo, github, wechat, apple, oidc];

/**
 * A provider by the name in the path. Known is not configured: an unknown name is a 404, a known one without
 * credentials a 503 that says which setting is missing.
 */
export interface KnownProvider {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly title: ProviderTitle;
  /** An SVG picture. */
  readonly mark: string;
  /** Null without credentials. */
  readonly client: Provider | null;
  /** The setting that is missing then. */
  readonly setting: string;
  readonly pictureHosts: readonly RegExp[];
  readonly callbackPages: readonly string[];
  isCancel(callback: CodelessCallback): boolean;
  /** Undefined where it sends people back to the site itself. */
  readonly readForm: ((form: CallbackForm) => CodelessCallback) | undefined;
}

export interface Providers {
  /** In the order in which they are offered. */
  readonly all: readonly KnownProvider[];
  find(name: string): KnownProvider | null;
  /** Loads what the first visitor of a provider would otherwise load. */
  load(): Promise<void>;
}

/** Throws where two have one name or number: the program that brought the second has to rename it. */
export function refuseDoubles(setups: readonly ProviderSetup[]): void {
  const found = new Set<string>();
  const add = (what: string) => {
    if (found.has(what)) throw new Error(`Two providers have the ${what}.`);
    found.add(what);
  };
  for (const { definition, configured } of setups) {
    const { name, aliases, loginType } = definition;
    if (loginType !== null) add(`login_type ${loginType}`);
    const names = loginType === null ? configured.map((one) => one.name) : [name];
    for (const one of [...names, ...aliases]) add(`name ${one}`);
  }
}

/** `setups` without doubles, see `refuseDoubles`. */
export function createProviders(setups: readonly ProviderSetup[], upstream: Upstream): Providers {
  const nextNumber = numbersBeside(setups);
  const all = setups.flatMap(({ definition, configured }) => {
    const { name, title, mark, aliases, isCancel, readForm, pictureHosts, callbackPages } = definition;
    const facts = { aliases, isCancel, readForm, pictureHosts, callbackPages };
    if (configured.length === 0 && definition.loginType !== null) {
      const [setting = ""] = Object.keys(definition.settings.variables);
      return [{ ...facts, name, title, mark, client: null, setting }];
    }
    return configured.map((one): KnownProvider => {
      const client = one.connect(upstream);
      const loginType = definition.loginType ?? nextNumber();
      return {
        ...{ ...facts, name: one.name, title: one.title, mark: one.mark, setting: "" },
        client: { name: one.name, title: one.title, loginType, ...client },
      };
    });
  });
  const byName = new Map(
    all.flatMap((provider) => [provider.name, ...provider.aliases].map((name) => [name, provider] as const)),
  );
  return {
    all,
    find: (name) => byName.get(name) ?? null,
    load: async () => {
      await Promise.all(all.map(({ client }) => client?.load?.()));
    },
  };
}

/** For those without a number of their own: the next one that nobody has, at each call. */
function numbersBeside(setups: readonly ProviderSetup[]): () => number {
  const taken = new Set(setups.map(({ definition }) => definition.loginType));
  let last = 0;
  return () => {
    do last++;
    while (taken.has(last));
    return last;
  };
}
