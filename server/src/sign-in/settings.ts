import { SettingProblem } from "../errors/setting-problem.ts";
import { defineSettings, limitText } from "../kernel/settings/room-settings.ts";
import { boolean, choices, integer, itemsOf, limitPerHour, parsed } from "../kernel/settings/variable.ts";
import { type CodeWay, codeWays } from "./code-ways.ts";

const authenticatorNames = ["jwt", "basic"] as const;
export type AuthenticatorName = (typeof authenticatorNames)[number];

/** Who may try to log in how often, and by what requests may be authenticated. */
export interface SignInSettings {
  readonly loginFailureLimit: number;
  /** Per client address and hour; 0 = unlimited. */
  readonly loginFailureLimitPerClient: number;
  /** Wrong passwords a day, where loginFailureLimit is those of an hour. */
  readonly loginFailureLimitPerDay: number;
  /** Seconds between two tries of strangers past those limits, at most. */
  readonly loginWaitLongest: number;
  /** Whether strangers are refused past those limits, in place of waiting. */
  readonly loginFailureWall: boolean;
  /** Log-ins, right or wrong, of one account an hour; 0 = unlimited. */
  readonly loginAttemptLimit: number;
  /** Log-ins, right or wrong, of one client address an hour; 0 = unlimited. */
  readonly loginAttemptLimitPerClient: number;
  /** Questions of one client network a minute whether a name is taken; 0 = unlimited. */
  readonly nameCheckLimit: number;
  /** Wrong passwords on the whole site within an hour that raise an alarm. */
  readonly loginFailureAlarm: number;
  /** How old a log-in may be that stands in for the present password, where something needs the owner. */
  readonly recentSeconds: number;
  /** Whether who lost the second factor may have it removed by the first one, after a delay. */
  readonly lostFactorRemoval: boolean;
  /** That delay. */
  readonly lostFactorDelaySeconds: number;
  /** By what a code may log in, and sign up. */
  readonly codeSignIn: readonly CodeWay[];
  /** In the order in which they are asked. */
  readonly authenticators: readonly AuthenticatorName[];
}

export const signInSettings = defineSettings({
  variables: {
    LOGIN_FAILURE_LIMIT: integer(
      100,
      { min: 5, max: 1_000_000 },
      {
        zh: "同一账号一小时内连续失败的登录次数：所有陌生设备合计达到此数后，每次尝试前都要等待；登录过该账号的设备各自单独计算，达到后须等到这一小时结束。一个客户端地址用掉五分之一（至少 5 次）后就要等待。",
        en: "Consecutive failed log-ins of one account within an hour: past those of all strangers together each of their tries has a wait before it; each device that logged in before has as many of its own, and then none for the rest of the hour. One client address waits from a fifth of it on (5 at least).",
      },
    ),
    LOGIN_FAILURE_LIMIT_PER_DAY: integer(
      100,
      { min: 5, max: 1_000_000 },
      {
        zh: "同上，一天内的次数。一个客户端地址用掉一半（至少 5 次）后就要等待。",
        en: "The same within a day. One client address waits from half of it on (5 at least).",
      },
    ),
    LOGIN_WAIT_LONGEST: integer(
      21_600,
      { min: 60, max: 86_400 },
      {
        zh: "陌生设备登录失败过多后，同一网络对同一账号的下一次尝试要等待 1、2、4……秒，最长为此秒数；账号正被很多网络猜测时从 64 秒起。",
        en: "Past too many failures of strangers a network waits 1, 2, 4 … seconds before its next try at that account, and these seconds at most; from 64 on where many networks guess at the account.",
      },
    ),
    LOGIN_FAILURE_WALL: boolean(false, {
      zh: "所有陌生设备合计达到 LOGIN_FAILURE_LIMIT 或 LOGIN_FAILURE_LIMIT_PER_DAY 后，是否拒绝它们直到该小时或该天结束，而不是每次等待（NIST SP 800-63B 的连续 100 次）。开启后，他人故意失败可使本人在新设备上最多一天无法用密码登录。",
      en: "Whether past LOGIN_FAILURE_LIMIT or LOGIN_FAILURE_LIMIT_PER_DAY of all strangers together they are refused until that hour or day ends, in place of waiting before each try (the 100 in a row of NIST SP 800-63B). With it somebody who fails on purpose keeps the owner of a new device from logging in by password for up to a day.",
    }),
    LOGIN_FAILURE_LIMIT_PER_CLIENT: limitPerHour(
      { production: 600, development: 0 },
      {
        zh: "同一客户端地址一小时内失败的登录次数，达到后每次尝试前等待（最长一分钟）；0 表示缺省值。",
        en: "Failed log-ins of one client address within an hour, after which it waits before each further try, a minute at most; 0 means the default.",
      },
    ),
    LOGIN_ATTEMPT_LIMIT: limitPerHour(
      { production: 1200, development: 0 },
      {
        zh: "同一账号一小时内的登录次数上限（无论成败）：陌生设备合计，登录过的设备各自计算。HTTP Basic 的每个请求都是一次登录。0 表示缺省值。",
        en: "Log-ins of one account within an hour, right or wrong: of all strangers together, and of each device that logged in before. Each request by HTTP Basic is one. 0 means the default.",
      },
    ),
    LOGIN_ATTEMPT_LIMIT_PER_CLIENT: limitPerHour(
      { production: 6000, development: 0 },
      {
        zh: "同一客户端地址一小时内的登录次数上限（无论成败），登录过的设备不计入。0 表示缺省值。",
        en: "Log-ins of one client address within an hour, right or wrong, but for devices that logged in before. 0 means the default.",
      },
    ),
    NAME_CHECK_LIMIT: limitPerHour(
      { production: 600, development: 0 },
      {
        zh: "每个客户端网络（IPv4 地址或 IPv6 /64）每分钟可查询用户名、邮箱是否已被使用的次数，超过后回答 429；每个进程各自计数。0 表示缺省值。",
        en: "Questions of one client network (an IPv4 address, an IPv6 /64) a minute whether a user name or an address is taken; beyond it the answer is 429. Each process counts for itself. 0 means the default.",
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
    REAUTHENTICATION_AGE: integer(
      900,
      { min: 60, max: 86_400 },
      {
        zh: "登录或再次确认本人之后，多少秒内的敏感操作（更改两步验证、绑定，结束其他登录，管理操作等）不必再次确认。",
        en: "Seconds after a log-in, or after proving oneself again, within which what only the owner may do (second factors, bindings, ending other log-ins, administration) asks for no further proof.",
      },
    ),
    LOST_FACTOR_REMOVAL: boolean(true, {
      zh: "丢了第二步且没有恢复码的人，能否凭第一步申请在等待之后关闭两步验证；false 时只能请职员处理。职员账号不适用。",
      en: "Whether who lost the second factor and has no recovery code may ask, by the first one, for its removal after a delay; by false only staff can. Never for accounts of staff.",
    }),
    LOST_FACTOR_DELAY: integer(
      86_400,
      { min: 3600, max: 2_592_000 },
      {
        zh: "上述申请之后要等待的秒数，其间每个渠道都会告知本人并可取消。",
        en: "Seconds from asking for that until it can be done: its owner is told on every channel, and can cancel it.",
      },
    ),
    CODE_SIGN_IN: choices(
      [],
      codeWays,
      {
        zh: "能否用验证码代替密码登录（没有账号的按 SIGN_UP、SIGN_UP_BY 注册），逗号分隔：off 不能；email 用发到已确认邮箱的验证码；sms 用发到已验证手机号的短信验证码。缺省 off：开启后，能读到邮箱或短信的人无须密码、也不触发改密通知即可登录。",
        en: "Whether a code logs in in place of a password (and signs up who has no account, by SIGN_UP and SIGN_UP_BY), comma separated: off; email, by a code mailed to the confirmed address; sms, by one sent to the proved number. Off by default: with it, whoever reads the mailbox or the telephone is in without the password, and without the mail that a reset sends.",
      },
      "off",
    ),
    AUTHENTICATORS: parsed<readonly AuthenticatorName[]>(
      ["jwt"],
      {
        zh: "按顺序尝试的身份认证方式：jwt、basic（HTTP Basic，默认关闭，每次请求都要计算一次哈希）。",
        en: "Ways to authenticate, asked in this order: jwt, basic (HTTP Basic, off by default; a hash per request).",
      },
      readAuthenticators,
    ),
  },
  settings: (env, { production }): SignInSettings => ({
    loginFailureLimit: env.LOGIN_FAILURE_LIMIT,
    nameCheckLimit: env.NAME_CHECK_LIMIT(production),
    loginFailureLimitPerClient: env.LOGIN_FAILURE_LIMIT_PER_CLIENT(production),
    loginFailureLimitPerDay: env.LOGIN_FAILURE_LIMIT_PER_DAY,
    loginWaitLongest: env.LOGIN_WAIT_LONGEST,
    loginFailureWall: env.LOGIN_FAILURE_WALL,
    loginAttemptLimit: env.LOGIN_ATTEMPT_LIMIT(production),
    loginAttemptLimitPerClient: env.LOGIN_ATTEMPT_LIMIT_PER_CLIENT(production),
    loginFailureAlarm: env.LOGIN_FAILURE_ALARM,
    recentSeconds: env.REAUTHENTICATION_AGE,
    lostFactorRemoval: env.LOST_FACTOR_REMOVAL,
    lostFactorDelaySeconds: env.LOST_FACTOR_DELAY,
    codeSignIn: env.CODE_SIGN_IN,
    authenticators: env.AUTHENTICATORS,
  }),
  inForce: (settings) => ({
    NAME_CHECK_LIMIT: limitText(settings.nameCheckLimit),
    LOGIN_FAILURE_LIMIT_PER_CLIENT: limitText(settings.loginFailureLimitPerClient),
    LOGIN_ATTEMPT_LIMIT: limitText(settings.loginAttemptLimit),
    LOGIN_ATTEMPT_LIMIT_PER_CLIENT: limitText(settings.loginAttemptLimitPerClient),
  }),
});

function readAuthenticators(raw: string): readonly AuthenticatorName[] {
  const names = itemsOf(raw);
  if (names.length === 0) throw new SettingProblem("authenticatorNone", { known: "jwt" });
  return names.map((value) => {
    const name = authenticatorNames.find((one) => one === value);
    if (name === undefined) {
      throw new SettingProblem("authenticatorUnknown", { value, known: authenticatorNames.join(", ") });
    }
    return name;
  });
}
