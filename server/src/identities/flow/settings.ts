import { defineSettings, limitText } from "../../kernel/settings/room-settings.ts";
import { choice, integer, limitPerHour, optionalBoolean, port } from "../../kernel/settings/variable.ts";

/** Third-party log-in as a whole; what belongs to one provider is in its folder. */
export interface FlowSettings {
  readonly oauthFlow: {
    readonly stateMode: "signed" | "path";
    readonly timeoutMillis: number;
    /** Log-ins a client address may begin in an hour; 0 = unlimited. */
    readonly startLimit: number;
    /** Port of the sandbox that imitates what is not configured; null where there may be none. */
    readonly sandboxPort: number | null;
  };
}

export const flowSettings = defineSettings({
  variables: {
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
    OAUTH_LIMIT: limitPerHour(
      { production: 600, development: 0 },
      {
        zh: "每个客户端地址每小时可发起的第三方登录数，0 表示缺省值。",
        en: "Third-party log-ins one client address may begin in an hour; 0 means the default.",
      },
    ),
    SANDBOX: optionalBoolean({
      fallbackText: "true (development), false (production)",
      zh: "开发环境是否用沙箱代替未配置的第三方；生产环境不可用。",
      en: "Whether development imitates the providers that have no client id; never in production.",
    }),
    SANDBOX_PORT: port(0, {
      fallbackText: "any free port",
      zh: "沙箱端口。",
      en: "Port of the sandbox.",
    }),
  },
  settings: (env, { production }): FlowSettings => ({
    oauthFlow: {
      stateMode: env.OAUTH_STATE,
      timeoutMillis: env.OAUTH_TIMEOUT_MS,
      startLimit: env.OAUTH_LIMIT(production),
      sandboxPort: production || env.SANDBOX === false ? null : env.SANDBOX_PORT,
    },
  }),
  problems: (env, { production }) =>
    production && env.SANDBOX === true ? [{ variable: "SANDBOX", code: "sandboxInProduction" }] : [],
  inForce: ({ oauthFlow }) => ({ OAUTH_LIMIT: limitText(oauthFlow.startLimit) }),
  byDefault: ({ oauthFlow }) => ({ SANDBOX: String(oauthFlow.sandboxPort !== null) }),
  idle: ({ oauthFlow }) => (oauthFlow.sandboxPort === null ? { SANDBOX_PORT: "there is no sandbox" } : {}),
});
