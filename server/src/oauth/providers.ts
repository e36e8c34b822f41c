import type { Provider, ProviderSettings, ProviderTitle } from "./provider.ts";
import { createGithub, githubDefaults } from "./providers/github.ts";
import { createOidc, type OidcSettings } from "./providers/oidc.ts";
import { createQq, qqDefaults } from "./providers/qq.ts";
import { createWechat, wechatDefaults } from "./providers/wechat.ts";
import { createWeibo, weiboDefaults } from "./providers/weibo.ts";
import type { Upstream } from "./upstream.ts";

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

export interface ProvidersSettings {
  readonly builtIn: { readonly [Name in BuiltInName]: ProviderSettings | null };
  readonly oidc: readonly OidcSettings[];
}

interface BuiltIn {
  readonly create: (settings: ProviderSettings, upstream: Upstream) => Provider;
  readonly title: ProviderTitle;
}

const builtIn: { readonly [Name in BuiltInName]: BuiltIn } = {
  qq: { create: createQq, title: { zh: "QQ", en: "QQ" } },
  weibo: { create: createWeibo, title: { zh: "微博", en: "Weibo" } },
  github: { create: createGithub, title: { zh: "GitHub", en: "GitHub" } },
  wechat: { create: createWechat, title: { zh: "微信", en: "WeChat" } },
};

/** The addresses of the real providers. */
export const defaultAddresses: { readonly [Name in BuiltInName]: { baseUrl: string; apiBaseUrl: string } } = {
  qq: { baseUrl: qqDefaults.baseUrl, apiBaseUrl: qqDefaults.baseUrl },
  weibo: { baseUrl: weiboDefaults.baseUrl, apiBaseUrl: weiboDefaults.baseUrl },
  github: githubDefaults,
  wechat: wechatDefaults,
};

/** Other names under which the original's front ends ask: Weibo is also `sina`. */
const aliases: Readonly<Record<string, string>> = { sina: "weibo" };

export interface Providers {
  /** In the order in which they are offered. */
  readonly all: readonly KnownProvider[];
  find(name: string): KnownProvider | null;
}

export function createProviders(settings: ProvidersSettings, upstream: Upstream): Providers {
  const all: KnownProvider[] = (Object.keys(builtIn) as BuiltInName[]).map((name) => {
    const { create, title } = builtIn[name];
    const own = settings.builtIn[name];
    const setting = `${name.toUpperCase()}_CLIENT_ID`;
    return { name, title, client: own ? create(own, upstream) : null, setting };
  });
  for (const own of settings.oidc) {
    const client = createOidc(own, upstream);
    all.push({ name: own.name, title: client.title, client, setting: "" });
  }
  const byName = new Map(all.map((provider) => [provider.name, provider]));
  return { all, find: (name) => byName.get(aliases[name] ?? name) ?? null };
}
