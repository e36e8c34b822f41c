import { readOutgoingProxy } from "../kernel/settings/network-settings.ts";
import {
  boolean,
  choice,
  integer,
  optionalSiteUrl,
  optionalText,
  parsed,
  port,
  readRedirectUri,
  text,
} from "../kernel/settings/variable.ts";

/** The environment variables of third-party log-in; part of the table in env.ts. */
const clientId = (title: string, zh: string) =>
  optionalText({
    fallbackText: "the sandbox (development)",
    zh: `${zh}的应用 ID；开发环境缺省使用沙箱，生产环境缺省为不开通。`,
    en: `The application's id at ${title}; without it development uses the sandbox and production has no ${title} log-in.`,
  });
const clientSecret = (title: string, zh: string) =>
  optionalText({ secret: true, zh: `${zh}的应用密钥。`, en: `The application's secret at ${title}.` });
const redirectUri = (name: string, zh: string, title: string) =>
  parsed<string | null>(
    null,
    {
      fallbackText: `PUBLIC_SITE_URL/oauth/callback/${name}`,
      zh: `在${zh}登记的回调地址。`,
      en: `The redirect address registered at ${title}.`,
    },
    readRedirectUri,
  );
const baseUrl = (address: string, title: string, zh: string) =>
  optionalSiteUrl({
    fallbackText: address,
    zh: `${zh}的地址，用于代理或测试。`,
    en: `The address of ${title}, for a relay or for tests.`,
  });

export const oauthVariables = {
  QQ_CLIENT_ID: clientId("QQ", "QQ 互联"),
  QQ_CLIENT_SECRET: clientSecret("QQ", "QQ 互联"),
  QQ_REDIRECT_URI: redirectUri("qq", "QQ 互联", "QQ"),
  QQ_BASE_URL: baseUrl("https://graph.qq.com", "QQ", "QQ 互联"),
  WEIBO_CLIENT_ID: clientId("Weibo", "微博"),
  WEIBO_CLIENT_SECRET: clientSecret("Weibo", "微博"),
  WEIBO_REDIRECT_URI: redirectUri("weibo", "微博", "Weibo"),
  WEIBO_BASE_URL: baseUrl("https://api.weibo.com", "Weibo", "微博"),
  GITHUB_CLIENT_ID: clientId("GitHub", "GitHub"),
  GITHUB_CLIENT_SECRET: clientSecret("GitHub", "GitHub"),
  GITHUB_REDIRECT_URI: redirectUri("github", "GitHub", "GitHub"),
  GITHUB_BASE_URL: baseUrl("https://github.com", "GitHub's pages", "GitHub 页面"),
  GITHUB_API_BASE_URL: baseUrl("https://api.github.com", "GitHub's API", "GitHub 接口"),
  WECHAT_CLIENT_ID: clientId("WeChat", "微信开放平台"),
  WECHAT_CLIENT_SECRET: clientSecret("WeChat", "微信开放平台"),
  WECHAT_REDIRECT_URI: redirectUri("wechat", "微信开放平台", "WeChat"),
  WECHAT_BASE_URL: baseUrl("https://open.weixin.qq.com", "WeChat's pages", "微信页面"),
  WECHAT_API_BASE_URL: baseUrl("https://api.weixin.qq.com", "WeChat's API", "微信接口"),
  OAUTH_STATE: choice("signed", ["signed", "path"], {
    zh: "path：state 就是 next，供会跳转到 state 的旧前端使用；这时没有跨站请求防护。",
    en: "path: the state is `next` itself, for old front ends that navigate to it; they then have no CSRF protection.",
  }),
  OAUTH_TIMEOUT_MS: integer(
    5000,
    { min: 100, max: 20_000 },
    {
      zh: "与第三方一次登录的全部请求的总时限（毫秒）。",
      en: "Milliseconds all requests to a provider for one log-in may take together.",
    },
  ),
  OAUTH_LIMIT: integer(
    0,
    { min: 0, max: 1_000_000 },
    {
      fallbackText: "600 (production), 0 (development)",
      zh: "每个客户端地址每小时可发起的第三方登录数，0 表示缺省值。",
      en: "Third-party log-ins one client address may begin in an hour; 0 means the default.",
    },
  ),
  SANDBOX: boolean(true, {
    fallbackText: "true (development), false (production)",
    zh: "开发环境是否用沙箱代替未配置的第三方；生产环境不可用。",
    en: "Whether development imitates the providers that have no client id; never in production.",
  }),
  SANDBOX_PORT: port(0, {
    fallbackText: "any free port",
    zh: "沙箱端口。",
    en: "Port of the sandbox.",
  }),
  HTTP_PROXY: parsed(
    "",
    {
      fallbackText: "(none)",
      secret: true,
      zh: "访问第三方的出站代理（http）。",
      en: "Outgoing proxy for http addresses of providers.",
    },
    readOutgoingProxy,
  ),
  HTTPS_PROXY: parsed(
    "",
    {
      fallbackText: "(none)",
      secret: true,
      zh: "访问第三方的出站代理（https）。",
      en: "Outgoing proxy for https addresses of providers.",
    },
    readOutgoingProxy,
  ),
  NO_PROXY: text("", {
    fallbackText: "(none)",
    zh: "不经代理的主机，逗号分隔。",
    en: "Hosts reached without the proxy, comma separated.",
  }),
} as const;

/**
 * The family of each OpenID Connect issuer, with any name for `<NAME>`: read by oauth-config.ts, since no table can
 * list them; here for docs/configuration.md.
 */
export const oidcVariables = {
  "OIDC_<NAME>_ISSUER": optionalText({
    zh: "签发者地址（https），须提供 /.well-known/openid-configuration。",
    en: "The issuer's https address, below which /.well-known/openid-configuration lies.",
  }),
  "OIDC_<NAME>_CLIENT_ID": optionalText({
    zh: "在签发者处的应用 ID，必填。",
    en: "The application's id at the issuer; required.",
  }),
  "OIDC_<NAME>_CLIENT_SECRET": optionalText({
    secret: true,
    zh: "应用密钥，必填。",
    en: "The application's secret; required.",
  }),
  "OIDC_<NAME>_REDIRECT_URI": optionalText({
    fallbackText: "`PUBLIC_SITE_URL/oauth/callback/<name>`",
    zh: "在签发者处登记的回调地址。",
    en: "The redirect address registered at the issuer.",
  }),
  "OIDC_<NAME>_TITLE": optionalText({
    fallbackText: "`<name>`",
    zh: "登录按钮上的名称。",
    en: "What the log-in button calls it.",
  }),
} as const;
