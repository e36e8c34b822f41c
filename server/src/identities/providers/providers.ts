import type { CodelessCallback, ProviderDefinition, ProviderSetup } from "./definition.ts";
import { github } from "./github/provider.ts";
import { oidc } from "./oidc/provider.ts";
import type { Provider, ProviderTitle } from "./provider.ts";
import { qq } from "./qq/provider.ts";
import type { Upstream } from "./upstream.ts";
import { wechat } from "./wechat/provider.ts";
import { weibo } from "./weibo/provider.ts";

/** Every provider, in the order in which they are offered. Each is a folder and its entry here. */
export const providerList: readonly ProviderDefinition[] = [qq, weibo, github, wechat, oidc];

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
  isCancel(callback: CodelessCallback): boolean;
}

export interface Providers {
  /** In the order in which they are offered. */
  readonly all: readonly KnownProvider[];
  find(name: string): KnownProvider | null;
  /** Loads what the first visitor of a provider would otherwise load. */
  load(): Promise<void>;
}

/** Throws where two have one name or number: the program that brought the second has to rename it. */
export function createProviders(setups: readonly ProviderSetup[], upstream: Upstream): Providers {
  const nextNumber = numbersBeside(setups);
  const loads: (() => Promise<void>)[] = [];
  const all = setups.flatMap(({ definition, configured }) => {
    const { name, aliases, title, mark, isCancel } = definition;
    if (configured.length === 0 && definition.loginType !== null) {
      const [setting = ""] = Object.keys(definition.settings.variables);
      return [{ name, aliases, title, mark, isCancel, client: null, setting }];
    }
    return configured.map((one): KnownProvider => {
      const client = one.connect(upstream);
      if (client.load) loads.push(() => client.load!());
      const loginType = definition.loginType ?? nextNumber();
      return {
        ...{ name: one.name, title: one.title, mark: one.mark, aliases, isCancel, setting: "" },
        client: { name: one.name, title: one.title, loginType, ...client },
      };
    });
  });
  const byName = new Map<string, KnownProvider>();
  for (const provider of all) {
    for (const name of [provider.name, ...provider.aliases]) {
      if (byName.has(name)) throw new Error(`Two providers are called ${name}.`);
      byName.set(name, provider);
    }
  }
  return {
    all,
    find: (name) => byName.get(name) ?? null,
    load: async () => {
      await Promise.all(loads.map((load) => load()));
    },
  };
}

/** For those without a number of their own: the next one that nobody has, at each call. */
function numbersBeside(setups: readonly ProviderSetup[]): () => number {
  const taken = new Set<number>();
  for (const { definition } of setups) {
    const { loginType, name } = definition;
    if (loginType === null) continue;
    if (taken.has(loginType)) throw new Error(`The login_type of ${name} is another provider's.`);
    taken.add(loginType);
  }
  let last = 0;
  return () => {
    do last++;
    while (taken.has(last));
    return last;
  };
}
