import { returnOriginsOf } from "../../app/return-origins.ts";
import type { Config } from "../../config/config.ts";
import { isLoopbackHost } from "../../kernel/own-addresses.ts";
import { isSameSite } from "../../kernel/same-site.ts";
import { type Diagnosis, fail, ok } from "./diagnosis.ts";

/** Why there can be no session in a cookie, and what to use in its place; without a full stop. */
interface Reason {
  readonly zh: string;
  readonly en: string;
}

type Addresses = Pick<
  Config,
  "publicApiUrl" | "publicSiteUrl" | "corsOrigins" | "siteSession" | "oauth" | "returnOrigins"
>;

/**
 * Which of the listed origins can keep a session in a cookie (docs/sessions.md), and why the others can't. Nothing is
 * wrong with that, unless it is the site, which is set to.
 */
export async function checkCookieSessions(config: Addresses): Promise<Diagnosis[]> {
  const { publicSiteUrl, corsOrigins, siteSession } = config;
  const site = new URL(publicSiteUrl).origin;
  const reasons = new Map<string, Reason | null>();
  for (const origin of new Set([site, ...corsOrigins])) reasons.set(origin, await reasonOf(origin, config));
  const ofSite = reasons.get(site) ?? null;
  if (siteSession === "cookie" && ofSite !== null) {
    return [
      fail(
        "cookie-session",
        `SITE_SESSION=cookie，但站点 ${site} 不能用 Cookie 保存登录：${ofSite.zh}。在此之前请设 SITE_SESSION=token。`,
        `SITE_SESSION is cookie, but the site ${site} can keep no session in one: ${ofSite.en}. Until then set SITE_SESSION=token.`,
      ),
    ];
  }
  const led = siteSession === "token" ? config.returnOrigins : await returnOriginsOf(config);
  const elsewhere = config.returnOrigins.filter((origin) => !led.includes(origin));
  if (elsewhere.length > 0) {
    const listed = elsewhere.join(", ");
    return [
      fail(
        "cookie-session",
        `RETURN_ORIGINS 中的 ${listed} 与站点 ${site} 不属于同一主域名，登录后不会回到那里。请去掉，或使用同一主域名下的地址。`,
        `RETURN_ORIGINS lists ${listed}, which is not under the registrable domain of the site ${site}: no log-in leads back there. Remove it, or use an address under that domain.`,
      ),
    ];
  }
  const can = [...reasons].flatMap(([origin, reason]) => (reason === null ? [origin] : []));
  if (can.length > 0) {
    const listed = can.join(", ");
    return [
      ok(
        "cookie-session",
        `可以用 Cookie 保存登录的来源：${listed}。`,
        `Origins that can keep a session in a cookie: ${listed}.`,
      ),
    ];
  }
  const { zh, en } = ofSite!;
  return [
    ok(
      "cookie-session",
      `只能用令牌登录，不能用 Cookie：${zh}。`,
      `Sessions are kept in tokens, and can't be in cookies: ${en}.`,
    ),
  ];
}

async function reasonOf(origin: string, { publicApiUrl, oauth }: Addresses): Promise<Reason | null> {
  const [page, api] = [new URL(origin), new URL(publicApiUrl)];
  if (oauth.stateMode === "path") {
    return {
      zh: "OAUTH_STATE=path 时第三方登录与浏览器之间没有联系，请改为 signed",
      en: "with OAUTH_STATE=path nothing ties a third-party log-in to its browser, so set it to signed",
    };
  }
  const isSafe = api.protocol === "https:" || isLoopbackHost(api.hostname);
  if (!isSafe || page.protocol !== api.protocol) {
    return {
      zh: `浏览器不保存明文 http 的 Secure Cookie（${origin}、${api.origin}），请让两者都使用 https`,
      en: `browsers keep no Secure cookie of plain http (${origin}, ${api.origin}), so serve both by https`,
    };
  }
  if (await isSameSite(page, api)) return null;
  return {
    zh: `${page.hostname} 与接口 ${api.hostname} 不属于同一主域名，浏览器不会带上 Cookie，请把接口放在同一主域名下`,
    en: `${page.hostname} and the API ${api.hostname} are not under one registrable domain, so browsers send no cookie: put the API under the site's`,
  };
}
