import { defineSettings, limitText } from "../kernel/settings/room-settings.ts";
import { integer, list } from "../kernel/settings/variable.ts";

/** Who may try to log in how often, and by what requests may be authenticated. */
const authenticatorNames = ["jwt", "basic"] as const;
export type AuthenticatorName = (typeof authenticatorNames)[number];

export interface SignInSettings {
  readonly loginFailureLimit: number;
  /** Per client address and hour; 0 = unlimited. */
  readonly loginFailureLimitPerClient: number;
  /** Wrong passwords a day, where loginFailureLimit is those of an hour. */
  readonly loginFailureLimitPerDay: number;
  /** Log-ins, right or wrong, of one account an hour; 0 = unlimited. */
  readonly loginAttemptLimit: number;
  /** Log-ins, right or wrong, of one client address an hour; 0 = unlimited. */
  readonly loginAttemptLimitPerClient: number;
  /** Wrong passwords on the whole site within an hour that raise an alarm. */
  readonly loginFailureAlarm: number;
  /** In the order in which they are asked. */
  readonly authenticators: readonly AuthenticatorName[];
}

export const signInSettings = defineSettings({
  variables: {
    LOGIN_FAILURE_LIMIT: integer(
      100,
      { min: 5, max: 1_000_000 },
      {
        zh: "同一账号一小时内连续失败的登录次数上限：所有陌生设备合计，登录过该账号的设备各自单独计算。一个客户端地址最多占其五分之一（至少 5 次）。",
        en: "Consecutive failed log-ins of one account within an hour: of all strangers together, and of each device that logged in to it before. One client address may use a fifth of it (5 at least).",
      },
    ),
    LOGIN_FAILURE_LIMIT_PER_DAY: integer(
      100,
      { min: 5, max: 1_000_000 },
      {
        zh: "同上，一天内的次数上限。一个客户端地址最多占其一半（至少 5 次）。",
        en: "The same within a day. One client address may use half of it (5 at least).",
      },
    ),
    LOGIN_FAILURE_LIMIT_PER_CLIENT: integer(
      0,
      { min: 0, max: 1_000_000 },
      {
        fallbackText: "600 (production), 0 (development)",
        zh: "同一客户端地址一小时内失败的登录次数上限，0 表示缺省值。",
        en: "Failed log-ins of one client address within an hour before it has to wait; 0 means the default.",
      },
    ),
    LOGIN_ATTEMPT_LIMIT: integer(
      0,
      { min: 0, max: 1_000_000 },
      {
        fallbackText: "1200 (production), 0 (development)",
        zh: "同一账号一小时内的登录次数上限（无论成败）：陌生设备合计，登录过的设备各自计算。HTTP Basic 的每个请求都是一次登录。0 表示缺省值。",
        en: "Log-ins of one account within an hour, right or wrong: of all strangers together, and of each device that logged in before. Each request by HTTP Basic is one. 0 means the default.",
      },
    ),
    LOGIN_ATTEMPT_LIMIT_PER_CLIENT: integer(
      0,
      { min: 0, max: 1_000_000 },
      {
        fallbackText: "6000 (production), 0 (development)",
        zh: "同一客户端地址一小时内的登录次数上限（无论成败），登录过的设备不计入。0 表示缺省值。",
        en: "Log-ins of one client address within an hour, right or wrong, but for devices that logged in before. 0 means the default.",
      },
    ),
    LOGIN_FAILURE_ALARM: integer(
      1000,
      { min: 1, max: 1_000_000_000 },
      {
        zh: "全站一小时内失败的登录达到此数时，日志写一条告警（alarm: failed_log_ins）。",
        en: "Failed log-ins on the whole site within an hour at which the log warns (alarm: failed_log_ins).",
      },
    ),
    AUTHENTICATORS: list(["jwt"], {
      zh: "按顺序尝试的身份认证方式：jwt、basic（HTTP Basic，默认关闭，每次请求都要计算一次哈希）。",
      en: "Ways to authenticate, asked in this order: jwt, basic (HTTP Basic, off by default; a hash per request).",
    }),
  },
  settings: (env, { production }): SignInSettings => ({
    loginFailureLimit: env.LOGIN_FAILURE_LIMIT,
    loginFailureLimitPerClient: env.LOGIN_FAILURE_LIMIT_PER_CLIENT || (production ? 600 : 0),
    loginFailureLimitPerDay: env.LOGIN_FAILURE_LIMIT_PER_DAY,
    loginAttemptLimit: env.LOGIN_ATTEMPT_LIMIT || (production ? 1200 : 0),
    loginAttemptLimitPerClient: env.LOGIN_ATTEMPT_LIMIT_PER_CLIENT || (production ? 6000 : 0),
    loginFailureAlarm: env.LOGIN_FAILURE_ALARM,
    authenticators: env.AUTHENTICATORS as AuthenticatorName[],
  }),
  problems({ AUTHENTICATORS: names }) {
    const variable = "AUTHENTICATORS";
    if (names.length === 0) return [{ variable, code: "authenticatorNone", parameters: { known: "jwt" } }];
    const known = authenticatorNames.join(", ");
    const value = names.find((name) => !authenticatorNames.some((one) => one === name));
    return value === undefined
      ? []
      : [{ variable, code: "authenticatorUnknown", parameters: { value, known } }];
  },
  inForce: (settings) => ({
    LOGIN_FAILURE_LIMIT_PER_CLIENT: limitText(settings.loginFailureLimitPerClient),
    LOGIN_ATTEMPT_LIMIT: limitText(settings.loginAttemptLimit),
    LOGIN_ATTEMPT_LIMIT_PER_CLIENT: limitText(settings.loginAttemptLimitPerClient),
  }),
});
