import { createGithub, githubDefaults } from "./github/github.ts";
import type { OidcSettings } from "./oidc/oidc.ts";
import type { Provider, ProviderSettings, ProviderTitle } from "./provider.ts";
import { createQq, qqDefaults } from "./qq/qq.ts";
import type { Upstream } from "./upstream.ts";
import { createWechat, wechatDefaults } from "./wechat/wechat.ts";
import { createWeibo, weiboDefaults } from "./weibo/weibo.ts";

/**
 * All providers, by the name in the path. Known is not configured: an unknown name is a 404, a known one
 * without credentials a 503 that says which setting is missing. Adding a provider is one file in providers/
 * with its facts and tests, and one line here.
 */
export interface KnownProvider {
  readonly name: string;
  readonly title: ProviderTitle;
  /** Null without credentials. */
  readonly client: Provider | null;
  /** The setting that is missing then. */
  readonly setting: string;
}

export type BuiltInName = "qq" | "weibo" | "github" | "wechat";

/** From the configuration; an address that is null is the real provider's. */
export interface BuiltInSettings {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  readonly baseUrl: string | null;
  readonly apiBaseUrl: string | null;
}

export interface ProvidersSettings {
  readonly builtIn: { readonly [Name in BuiltInName]: BuiltInSettings | null };
  readonly oidc: readonly Omit<OidcSettings, "loginType">[];
}

interface BuiltIn {
  readonly create: (settings: ProviderSettings, upstream: Upstream) => Provider;
  readonly title: ProviderTitle;
  readonly addresses: { readonly baseUrl: string; readonly apiBaseUrl?: string };
}

const builtIn: { readonly [Name in BuiltInName]: BuiltIn } = {
  qq: { create: createQq, title: { zh: "QQ", en: "QQ" }, addresses: qqDefaults },
  weibo: { create: createWeibo, title: { zh: "微博", en: "Weibo" }, addresses: weiboDefaults },
  github: { create: createGithub, title: { zh: "GitHub", en: "GitHub" }, addresses: githubDefaults },
  wechat: { create: createWechat, title: { zh: "微信", en: "WeChat" }, addresses: wechatDefaults },
};

/** Other names under which the original's front ends ask: Weibo is also `sina`. */
const aliases: Readonly<Record<string, string>> = { sina: "weibo" };

export interface Providers {
  /** In the order in which they are offered. */
  readonly all: readonly KnownProvider[];
  find(name: string): KnownProvider | null;
  /** Loads what the first visitor of a provider would otherwise load. */
  load(): Promise<void>;
}

export function createProviders(settings: ProvidersSettings, upstream: Upstream): Providers {
  const all: KnownProvider[] = (Object.keys(builtIn) as BuiltInName[]).map((name) => {
    const { create, title, addresses } = builtIn[name];
    const own = settings.builtIn[name];
    const setting = `${name.toUpperCase()}_CLIENT_ID`;
    if (own === null) return { name, title, client: null, setting };
    const baseUrl = own.baseUrl ?? addresses.baseUrl;
    // A provider whose pages and API share a host is moved by one setting.
    const apiBaseUrl = own.apiBaseUrl ?? addresses.apiBaseUrl ?? baseUrl;
    return { name, title, client: create({ ...own, baseUrl, apiBaseUrl }, upstream), setting };
  });
  const loads: (() => Promise<void>)[] = [];
  for (const [position, own] of settings.oidc.entries()) {
    const loginType = Object.keys(builtIn).length + 1 + position;
    const client = oidcLater({ ...own, loginType }, upstream);
    loads.push(client.load);
    all.push({ name: own.name, title: client.title, client, setting: "" });
  }
  const byName = new Map(all.map((provider) => [provider.name, provider]));
  return {
    all,
    find: (name) => byName.get(aliases[name] ?? name) ?? null,
    load: async () => {
      await Promise.all(loads.map((load) => load()));
    },
  };
}

/** OpenID Connect, whose library is loaded by the first person who uses it: no start waits for it. */
function oidcLater(settings: OidcSettings, upstream: Upstream): Provider & { load(): Promise<void> } {
  let made: Promise<Provider> | null = null;
  const provider = () => {
    made ??= import("./oidc/oidc.ts")
      .then(({ createOidc }) => createOidc(settings, upstream))
      .catch((error) => {
        // The next visitor tries again.
        made = null;
        throw error;
      });
    return made;
  };
  const { name, loginType, title } = settings;
  return {
    ...{ name, loginType, title: { zh: title, en: title } },
    authorizationUrl: async (flow) => (await provider()).authorizationUrl(flow),
    identify: async (callback) => (await provider()).identify(callback),
    load: async () => {
      await provider();
    },
  };
}
