import type { Config } from "../../config/config.ts";
import type { ProviderSetup } from "../../identities/providers/definition.ts";
import { isLoopbackHost, type OwnAddress, ownAddresses } from "../../kernel/own-addresses.ts";
import { basePathOf } from "../../kernel/public-address.ts";
import { type Diagnosis, ok, unsafe, warn } from "./diagnosis.ts";
import { checkReach } from "./reach-checks.ts";

/**
 * What people get wrong about addresses: origins, schemes, sites, proxies, redirect addresses. Pure: looks at the
 * configuration and the machine's own addresses alone.
 */
export function checkAddresses(config: Config, own: readonly OwnAddress[] = ownAddresses()): Diagnosis[] {
  return [
    ...checkReach(config, own),
    ...checkCors(config),
    ...checkSiteAndScheme(config),
    ...checkProxy(config),
    ...checkRedirects(config),
  ];
}

function checkCors(config: Config): Diagnosis[] {
  const { corsOrigins, publicSiteUrl, environment } = config;
  const site = new URL(publicSiteUrl).origin;
  const found: Diagnosis[] = [];
  if (!corsOrigins.includes(site)) {
    const near = corsOrigins.find((origin) => new URL(origin).hostname === new URL(site).hostname);
    found.push(
      unsafe(config, {
        check: "cors",
        variable: "CORS_ORIGIN_WHITELIST",
        message: `lacks the site ${site}${near ? ` (nearest: ${near}; scheme and port count)` : ""}, so browsers refuse it the API: add ${site}`,
        zh: `站点 ${site} 不在 CORS_ORIGIN_WHITELIST 中${near ? `（最接近的是 ${near}，协议和端口也要一致）` : ""}：浏览器会拒绝它调用接口。请加上 ${site}。`,
        allowance: "ALLOW_UNLISTED_SITE",
      }),
    );
  }
  const local = corsOrigins.filter((origin) => isLoopbackHost(new URL(origin).hostname));
  if (environment === "production" && local.length > 0) {
    found.push(
      warn(
        "cors-local",
        `生产环境的 CORS_ORIGIN_WHITELIST 含本机地址 ${local.join(", ")}：访问者电脑上的任何程序都可冒用，请删除。`,
        `CORS_ORIGIN_WHITELIST lists ${local.join(", ")} in production: any program on a visitor's computer may pose as it. Remove it.`,
      ),
    );
  }
  return found.length > 0
    ? found
    : [ok("cors", `站点 ${site} 可以调用接口。`, `The site ${site} may call the API.`)];
}

/** The last two labels stand for the site; good enough for advice (a public suffix list would be exact). */
const siteOf = (host: string) =>
  isLoopbackHost(host) || /^[\d.]+$/.test(host) ? host : host.split(".").slice(-2).join(".");

function checkSiteAndScheme(config: Config): Diagnosis[] {
  const [site, api] = [new URL(config.publicSiteUrl), new URL(config.publicApiUrl)];
  const found = checkSchemes(config, site, api);
  if (siteOf(site.hostname) === siteOf(api.hostname)) {
    found.push(
      ok(
        "cookie",
        "站点与接口同站，第三方登录的 Cookie 可用。",
        "Site and API are same-site: the third-party log-in cookie works.",
      ),
    );
  } else if (isLoopbackHost(site.hostname) && isLoopbackHost(api.hostname)) {
    found.push(
      warn(
        "cookie",
        `站点用 ${site.hostname}、接口用 ${api.hostname}：浏览器视为不同站点，第三方登录的 Cookie 不会带上。请统一用其中一个。`,
        `The site is on ${site.hostname}, the API on ${api.hostname}: two sites to a browser, so the third-party log-in cookie is not sent. Use one of them for both.`,
      ),
    );
  } else if (api.protocol === "https:") {
    found.push(
      warn(
        "cookie",
        `站点与接口不同站：第三方登录的 Cookie 依赖 SameSite=None，部分浏览器会拦截。请尽量让两者用同一主域名的子域。`,
        `Site and API are different sites: the third-party log-in cookie needs SameSite=None, which some browsers block. Use subdomains of one domain where you can.`,
      ),
    );
  } else {
    found.push(
      unsafe(config, {
        check: "cookie",
        variable: "PUBLIC_API_URL",
        message: `is http and another site than ${site.origin}, so the third-party log-in cookie is never sent: make them same-site, or the API https`,
        zh: "站点与接口不同站且接口不是 https：第三方登录的 Cookie 不会带上。请改为同站或 https。",
        allowance: "ALLOW_HTTP",
      }),
    );
  }
  return found;
}

/** Passwords and tokens travel encrypted; the page they are typed into, too. */
function checkSchemes(config: Config, site: URL, api: URL): Diagnosis[] {
  if (site.protocol === "https:" && api.protocol === "http:") {
    return [
      unsafe(config, {
        check: "scheme",
        variable: "PUBLIC_API_URL",
        message: `is ${api.origin} while the site is https, so browsers block it (mixed content): serve the API by https and set PUBLIC_API_URL`,
        zh: `站点是 https 而接口 ${api.origin} 是 http：浏览器会拦截（混合内容）。请让接口也使用 https，并设置 PUBLIC_API_URL。`,
        allowance: "ALLOW_HTTP",
      }),
    ];
  }
  const isOpen = ({ protocol, hostname }: URL) => protocol === "http:" && !isLoopbackHost(hostname);
  const open = [
    { variable: "PUBLIC_SITE_URL", url: site },
    { variable: "PUBLIC_API_URL", url: api },
  ].filter(({ url }) => config.environment === "production" && isOpen(url));
  if (open.length === 0) {
    return [ok("scheme", `接口地址 ${api.origin}。`, `The API's address is ${api.origin}.`)];
  }
  return open.map(({ variable, url: { origin } }) =>
    unsafe(config, {
      check: "scheme",
      variable,
      message: `is ${origin}, which is not encrypted, so passwords and tokens travel in the clear: put TLS in front of it (see deploy/)`,
      zh: `${origin} 没有加密：密码和令牌会明文传输。请在前面放置 TLS（见 deploy/）。`,
      allowance: "ALLOW_HTTP",
    }),
  );
}

function checkProxy({ publicApiUrl, host, trustProxy, environment, apiPort }: Config): Diagnosis[] {
  const api = new URL(publicApiUrl);
  const isBehind = api.protocol === "https:" || (api.port || "80") !== String(apiPort);
  if (isBehind && trustProxy === false) {
    return [
      warn(
        "proxy",
        "接口在反向代理之后，但 TRUST_PROXY 未设置：所有访问者看起来是同一地址，限速会误伤。一层代理请设 TRUST_PROXY=1。",
        "The API is behind a proxy but TRUST_PROXY is not set: all visitors look like one address and share its limits. For one proxy set TRUST_PROXY=1.",
      ),
    ];
  }
  if (!isBehind && trustProxy !== false) {
    return [
      warn(
        "proxy",
        "设置了 TRUST_PROXY，但接口似乎直接对外：访问者可伪造 X-Forwarded-For 绕过限速。没有代理时请取消。",
        "TRUST_PROXY is set but the API seems to be reached directly: visitors can forge X-Forwarded-For and pass the limits. Unset it where there is no proxy.",
      ),
    ];
  }
  if (isBehind && environment === "production" && host === "0.0.0.0") {
    return [
      warn(
        "proxy",
        "代理之后仍监听 0.0.0.0：请确认防火墙只允许代理访问接口端口，否则可绕过代理。",
        "Behind a proxy, yet listening on 0.0.0.0: let only the proxy reach the API's port, or it can be bypassed.",
      ),
    ];
  }
  return [ok("proxy", "代理设置与地址相符。", "The proxy setting fits the addresses.")];
}

/** Every provider's, and those of the providers that the sandbox stands in for: people come back there as well. */
function redirectsOf({ oauth: { providers, sandboxPort } }: Config) {
  const configured = providers.flatMap((setup) =>
    setup.configured.map(({ name, redirectUri, redirectVariable: variable }) => ({
      ...{ name, redirectUri, variable, takesForm: takesForm(setup) },
      isStandIn: false,
    })),
  );
  const standIns = providers
    .filter((setup) => sandboxPort !== null && setup.configured.length === 0)
    .map(({ definition, standIn: { redirectUri, redirectVariable: variable } }) => ({
      ...{ name: definition.name, redirectUri, variable, takesForm: takesForm({ definition }) },
      isStandIn: true,
    }));
  return [...configured, ...standIns];
}

/** Then people come back to the API, which sends them on. */
const takesForm = ({ definition }: Pick<ProviderSetup, "definition">) => definition.readForm !== undefined;

function checkRedirects(config: Config): Diagnosis[] {
  const { publicSiteUrl, publicApiUrl, environment } = config;
  const site = { url: publicSiteUrl, setting: "PUBLIC_SITE_URL", zh: "站点", en: "the site" };
  const api = { url: publicApiUrl, setting: "PUBLIC_API_URL", zh: "接口", en: "the API" };
  const found: Diagnosis[] = [];
  for (const { name, redirectUri, variable, takesForm, isStandIn } of redirectsOf(config)) {
    const address = new URL(redirectUri);
    const check = `redirect-${name}`;
    const { url, setting, zh, en } = takesForm ? api : site;
    const { origin } = new URL(url);
    if (address.origin !== origin) {
      found.push(
        unsafe(config, {
          check,
          variable,
          message: `is ${redirectUri}, not on ${en} ${origin}, so people never come back to it: change it, or ${setting}`,
          zh: `${name} 的回调地址 ${redirectUri} 不在${zh} ${origin} 上：登录后回不到站点。请修改 ${variable} 或 ${setting}。`,
          allowance: "ALLOW_FOREIGN_REDIRECT_URI",
        }),
      );
    } else if (!address.pathname.startsWith(`${basePathOf(url)}/`)) {
      found.push(
        warn(
          check,
          `${name} 的回调地址 ${redirectUri} 不在${zh}的路径 ${basePathOf(url)} 下：请让代理把它也转给${zh}，或修改 ${variable}。`,
          `${name}: the redirect address ${redirectUri} is outside the path ${basePathOf(url)} of ${en}: have the proxy pass it to ${en}, too, or change ${variable}.`,
        ),
      );
    } else if (isStandIn) {
      // Nothing to say: it has no console to register the address in.
    } else if (
      environment === "production" &&
      (isLoopbackHost(address.hostname) || address.protocol === "http:")
    ) {
      found.push(
        warn(
          check,
          `${name} 的回调地址 ${redirectUri} 是本机或 http：提供方多半会拒绝。请改为 https 的公网域名。`,
          `${name}: the redirect address ${redirectUri} is local or http: the provider will most likely refuse it. Use a public name with https.`,
        ),
      );
    } else {
      found.push(
        ok(
          check,
          `${name} 的回调地址 ${redirectUri}，须与其后台登记的一字不差。`,
          `${name}: the redirect address is ${redirectUri}; it must be in its console letter for letter.`,
        ),
      );
    }
  }
  return found;
}
