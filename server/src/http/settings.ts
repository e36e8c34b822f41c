import {
  readAllowedHosts,
  readHost,
  readTrustProxy,
  type TrustProxy,
  urlHost,
} from "../kernel/settings/network-settings.ts";
import { defineSettings } from "../kernel/settings/room-settings.ts";
import {
  choice,
  headerNames,
  optionalBoolean,
  origins,
  parsed,
  port,
  siteUrl,
} from "../kernel/settings/variable.ts";

/** Where the API and the site answer, to whom, and in which language. */
export interface HttpSettings {
  readonly host: string;
  readonly apiPort: number;
  readonly webPort: number;
  /** In lower case, beside those that are always allowed. */
  readonly corsHeaders: readonly string[];
  readonly corsOrigins: readonly string[];
  readonly publicSiteUrl: string;
  readonly publicApiUrl: string;
  /** PUBLIC_API_URL is not set: a page reaches the API by the host that it was reached by itself. */
  readonly apiFollowsPage: boolean;
  /** Beside this machine's own addresses, as URLs write them; `*` stands for all. */
  readonly allowedHosts: readonly string[];
  /** As Fastify's trustProxy takes it. */
  readonly trustProxy: TrustProxy;
  readonly defaultLanguage: "auto" | "zh" | "en";
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
    PUBLIC_SITE_URL: siteUrl("", {
      fallbackText: "http://HOST:WEB_PORT",
      zh: "用户看到的站点地址，用于邮件和第三方回调。",
      en: "The site's address as visitors see it; used in mails and third-party callbacks.",
    }),
    PUBLIC_API_URL: siteUrl("", {
      fallbackText: "http://HOST:API_PORT",
      zh: "浏览器访问接口的地址。",
      en: "The API's address as browsers reach it.",
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
    DEFAULT_LANGUAGE: choice("auto", ["auto", "zh", "en"], {
      zh: "请求头没有指明中文或英文时，接口和邮件用什么语言。auto：没有 Accept-Language 时用中文，只列出其他语言时用英文。",
      en: "Language of the API and of mails where Accept-Language names neither Chinese nor English. auto: Chinese without the header, English where it names other languages alone.",
    }),
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
      publicApiUrl,
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
      trustProxy: env.TRUST_PROXY,
      defaultLanguage: env.DEFAULT_LANGUAGE,
      docsPage: env.DOCS_PAGE ?? !production,
    };
  },
  inForce: ({ corsOrigins }) => ({ CORS_ORIGIN_WHITELIST: corsOrigins.join(",") }),
  byDefault: ({ publicSiteUrl, publicApiUrl, docsPage }) => ({
    PUBLIC_SITE_URL: publicSiteUrl,
    PUBLIC_API_URL: publicApiUrl,
    DOCS_PAGE: String(docsPage),
  }),
});
