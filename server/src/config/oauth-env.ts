import { readOutgoingProxy } from "../kernel/settings/network-settings.ts";
import { boolean, choice, integer, parsed, port, text } from "../kernel/settings/variable.ts";

/** The environment variables of third-party log-in as a whole; each provider's are in its folder. */
export const oauthVariables = {
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
