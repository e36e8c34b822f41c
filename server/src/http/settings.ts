import { readLink } from "../brand/brand-values.ts";
import { basePathOf } from "../kernel/public-address.ts";
import {
  readAllowedHosts,
  readHost,
  readTrustProxy,
  type TrustProxy,
  urlHost,
} from "../kernel/settings/network-settings.ts";
import { defineSettings } from "../kernel/settings/room-settings.ts";
import {
  boolean,
  choice,
  headerNames,
  integer,
  optionalBoolean,
  origins,
  parsed,
  port,
  publicUrl,
} from "../kernel/settings/variable.ts";

/** Where the API and the site answer, and to whom. */
export interface HttpSettings {
  readonly host: string;
  readonly apiPort: number;
  readonly webPort: number;
  /** In lower case, beside those that are always allowed. */
  readonly corsHeaders: readonly string[];
  readonly corsOrigins: readonly string[];
  readonly publicSiteUrl: string;
  /** Where a log-in and the logo lead; null: the site's first page. */
  readonly siteHomeUrl: string | null;
  /** What the site's pages keep a session in: tokens, where script reads them, or a cookie. */
  readonly siteSession: "token" | "cookie";
  /** Origins beside the site's that a log-in may lead back to, as they were set: app/return-origins.ts has those in force. */
  readonly returnOrigins: readonly string[];
  readonly publicApiUrl: string;
  /** The path that requests to the API arrive with, without a trailing slash; empty where they have none. */
  readonly apiBasePath: string;
  /** PUBLIC_API_URL is not set: a page reaches the API by the host that it was reached by itself. */
  readonly apiFollowsPage: boolean;
  /** Beside this machine's own addresses, as URLs write them; `*` stands for all. */
  readonly allowedHosts: readonly string[];
  /** Requests that one process holds before it refuses further ones while it can't keep up. */
  readonly mostRequests: number;
  /** Connections that wait to be taken, of each port. */
  readonly listenBacklog: number;
  /** As Fastify's trustProxy takes it. */
  readonly trustProxy: TrustProxy;
  readonly docsPage: boolean;
}

export const httpSettings = defineSettings({
  variables: {
    HOST: parsed(
      "127.0.0.1",
      {
        zh: "监听地址：IPv4、IPv6（如 ::1）或主机名。",
        en: "Address to listen on: IPv4, IPv6 (such as ::1) or a host name.",
      },
      readHost,
    ),
    API_PORT: port(8000, { zh: "接口端口。", en: "Port of the API." }),
    WEB_PORT: port(8080, { zh: "站点端口。", en: "Port of the site." }),
    CORS_ORIGIN_WHITELIST: origins(
      [
        "http://127.0.0.1:8080",
        "http://localhost:8080",
        "http://www.meiduo.com:8080",
        "http://api.meiduo.com:8000",
      ],
      {
        zh: "允许跨域访问接口的站点，逗号分隔。开发环境自动包含 PUBLIC_SITE_URL。",
        en: "Origins that may call the API, comma separated. Development adds PUBLIC_SITE_URL by itself.",
      },
    ),
    CORS_ALLOW_HEADERS: headerNames({
      fallbackText: "(none)",
      zh: "前端跨域请求中自带的其他请求头，逗号分隔；标准头和 traceparent、baggage、sentry-trace 等追踪头无需列出。",
      en: "Further request headers that a front end on another origin sends, comma separated; the usual ones and those of tracing (traceparent, baggage, sentry-trace) need no entry.",
    }),
    PUBLIC_SITE_URL: publicUrl("", {
      fallbackText: "http://HOST:WEB_PORT",
      zh: "用户看到的站点地址，用于邮件和第三方回调；可以带路径，如 https://shop.example/account。",
      en: "The site's address as visitors see it; used in mails and third-party callbacks. It may have a path, as https://shop.example/account.",
    }),
    SITE_HOME_URL: parsed<string | null>(
      null,
      {
        fallbackText: "(the site's first page)",
        zh: "登录之后和点击标志时去哪里：网址，或同一域名下的路径，如 /shop。",
        en: "Where a log-in and the logo lead: an address, or a path on the same host such as /shop.",
      },
      readLink,
    ),
    SITE_SESSION: choice("token", ["token", "cookie"], {
      zh: "站点页面的登录保存在哪里：token（脚本可读的令牌，教程那样的页面与本站同源时需要），或 cookie（脚本读不到；需要 https，站点与接口同属一个主域名，见 docs/sessions.zh.md）。",
      en: "Where the site's pages keep a session: token (script can read it, as pages of the tutorial's kind on the site's origin need) or cookie (no script can; needs https, and site and API under one domain, see docs/sessions.md).",
    }),
    RETURN_ORIGINS: origins([], {
      fallbackText: "(none)",
      zh: "登录后除本站外还可以回到（next）的来源，逗号分隔，须与站点同属一个主域名；只在 SITE_SESSION=cookie 时有效。",
      en: "Origins that a log-in may lead back to (`next`) beside the site's own, comma separated, under the site's registrable domain; only with SITE_SESSION=cookie.",
    }),
    PUBLIC_API_URL: publicUrl("", {
      fallbackText: "http://HOST:API_PORT",
      zh: "浏览器访问接口的地址；可以带路径，如 https://shop.example/account-api。",
      en: "The API's address as browsers reach it. It may have a path, as https://shop.example/account-api.",
    }),
    PROXY_KEEPS_PATH: boolean(false, {
      zh: "PUBLIC_API_URL 带路径时，代理是否把该路径原样传给接口（如 Ingress）；缺省认为代理会去掉它。站点两种都接受。",
      en: "Whether the proxy passes the path of PUBLIC_API_URL on to the API, as an Ingress does. By default it takes the path off. The site takes both.",
    }),
    ALLOWED_HOSTS: parsed<readonly string[]>(
      [],
      {
        fallbackText: "(none)",
        zh: "除本机地址、PUBLIC_SITE_URL、PUBLIC_API_URL 和 CORS_ORIGIN_WHITELIST 的主机外，还接受的 Host 请求头，逗号分隔，不带端口；* 表示全部。其余的回答 421。",
        en: "Hosts that requests may be addressed to (the Host header), comma separated, without ports, beside this machine's own addresses and the hosts of PUBLIC_SITE_URL, PUBLIC_API_URL and CORS_ORIGIN_WHITELIST; * stands for all. Others are answered 421.",
      },
      readAllowedHosts,
    ),
    TRUST_PROXY: parsed<TrustProxy>(
      false,
      {
        fallbackText: "(none)",
        zh: "可信代理：跳数（如 1）或地址、网段列表（如 10.0.0.0/8）；缺省不信任 X-Forwarded-For。",
        en: "Trusted proxies: a number of hops (such as 1) or a list of addresses and networks (such as 10.0.0.0/8). By default X-Forwarded-For is not trusted.",
      },
      readTrustProxy,
    ),
    MOST_REQUESTS: integer(
      1000,
      { min: 10, max: 1_000_000 },
      {
        zh: "一个接口进程同时处理的请求数；持续过载（近一秒仍未恢复，或新来的请求要等半秒以上）时，超出的请求立即得到 503 与 Retry-After，登录、注册、验证码等开销大的请求在一半时就被拒绝。",
        en: "Requests that one API process holds at once. While it can't keep up for most of a second, or whoever comes would wait for half of one, those beyond get 503 and Retry-After at once; log-ins, sign-ups, codes and other dear ones from half of it on.",
      },
    ),
    LISTEN_BACKLOG: integer(
      4096,
      { min: 1, max: 65_535 },
      {
        zh: "每个端口等待接受的连接数；操作系统可能有更低的上限（Linux：net.core.somaxconn）。",
        en: "Connections that wait to be taken, of each port; the system may allow fewer (Linux: net.core.somaxconn).",
      },
    ),
    DOCS_PAGE: optionalBoolean({
      fallbackText: "true (development), false (production)",
      zh: "是否提供 /docs 接口文档页面。",
      en: "Whether /docs, the API's interactive page, is served.",
    }),
  },
  required: { CORS_ORIGIN_WHITELIST: "requiredOrigins" },
  settings(env, { production }): HttpSettings {
    const publicHost = urlHost(env.HOST);
    const publicSiteUrl = env.PUBLIC_SITE_URL || `http://${publicHost}:${env.WEB_PORT}`;
    const publicApiUrl = env.PUBLIC_API_URL || `http://${publicHost}:${env.API_PORT}`;
    const siteOrigin = new URL(publicSiteUrl).origin;
    const listed = env.CORS_ORIGIN_WHITELIST;
    const corsOrigins = production || listed.includes(siteOrigin) ? listed : [...listed, siteOrigin];
    return {
      host: env.HOST,
      apiPort: env.API_PORT,
      webPort: env.WEB_PORT,
      corsHeaders: env.CORS_ALLOW_HEADERS,
      corsOrigins,
      publicSiteUrl,
      siteHomeUrl: env.SITE_HOME_URL,
      siteSession: env.SITE_SESSION,
      returnOrigins: env.RETURN_ORIGINS,
      publicApiUrl,
      apiBasePath: env.PROXY_KEEPS_PATH ? basePathOf(publicApiUrl) : "",
      apiFollowsPage: env.PUBLIC_API_URL === "",
      // A page of a listed origin may call the API as it is: under its own name it can do nothing more.
      allowedHosts: [
        ...new Set([
          ...env.ALLOWED_HOSTS,
          ...[`http://${publicHost}`, publicSiteUrl, publicApiUrl, ...corsOrigins].map(
            (address) => new URL(address).hostname,
          ),
        ]),
      ],
      mostRequests: env.MOST_REQUESTS,
      listenBacklog: env.LISTEN_BACKLOG,
      trustProxy: env.TRUST_PROXY,
      docsPage: env.DOCS_PAGE ?? !production,
    };
  },
  inForce: ({ corsOrigins }) => ({ CORS_ORIGIN_WHITELIST: corsOrigins.join(",") }),
  byDefault: ({ publicSiteUrl, publicApiUrl, docsPage }) => ({
    PUBLIC_SITE_URL: publicSiteUrl,
    PUBLIC_API_URL: publicApiUrl,
    DOCS_PAGE: String(docsPage),
  }),
  idle: ({ publicApiUrl, siteSession }) => ({
    ...(basePathOf(publicApiUrl) === "" ? { PROXY_KEEPS_PATH: "PUBLIC_API_URL has no path" } : {}),
    ...(siteSession === "token" ? { RETURN_ORIGINS: "SITE_SESSION is token" } : {}),
  }),
});
