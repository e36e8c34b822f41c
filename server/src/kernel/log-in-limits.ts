import { day, hour, type Limit, limitText as t } from "./limit.ts";

/** Who may try to come in how often, and ask who has an account. */
export const logInLimits = {
  login: {
    ...{ counts: t("连续输错密码", "wrong passwords in a row"), of: "name", windowSeconds: hour },
    ...{ settings: ["LOGIN_FAILURE_LIMIT", "LOGIN_FAILURE_WALL"], full: "waitsDevice" },
  },
  "login-day": {
    ...{ counts: t("连续输错密码", "wrong passwords in a row"), of: "name", windowSeconds: day },
    ...{ settings: ["LOGIN_FAILURE_LIMIT_PER_DAY", "LOGIN_FAILURE_WALL"], full: "waitsDevice" },
  },
  "login-share": {
    counts: t(
      "连续输错密码：上面每小时次数的五分之一，至少 5 次",
      "wrong passwords in a row: a fifth of the hour's above, 5 at least",
    ),
    ...{ of: "networkAtName", isWider: true, windowSeconds: hour, full: "waits" },
    settings: ["LOGIN_FAILURE_LIMIT"],
  },
  "login-share-day": {
    counts: t(
      "连续输错密码：上面每天次数的一半，至少 5 次",
      "wrong passwords in a row: half of the day's above, 5 at least",
    ),
    ...{ of: "networkAtName", isWider: true, windowSeconds: day, full: "waits" },
    settings: ["LOGIN_FAILURE_LIMIT_PER_DAY"],
  },
  "login-waits": {
    counts: t(
      "超过以上之后的尝试；很多网络猜测同一登录名时从 64 秒起",
      "tries past those; from 64 seconds on where many networks guess at the name",
    ),
    ...{ of: "networkAtName", most: 1, settings: ["LOGIN_WAIT_LONGEST"], full: "waits" },
    waits: { first: 1, forget: day },
  },
  "login-attempts": {
    ...{ counts: t("登录，无论成败", "log-ins, right or wrong"), of: "name", windowSeconds: hour },
    ...{ settings: ["LOGIN_ATTEMPT_LIMIT"], full: "throttled" },
  },
  "login-client": {
    counts: t("输错密码，无论哪个登录名", "wrong passwords at whatever names"),
    ...{ of: "network", isWider: true, windowSeconds: hour, full: "waits" },
    settings: ["LOGIN_FAILURE_LIMIT_PER_CLIENT"],
  },
  "login-client-waits": {
    ...{ counts: t("超过上一行之后的尝试", "tries past those"), of: "network", most: 1, full: "waits" },
    waits: { first: 1, longest: 60, forget: hour },
  },
  "login-client-attempts": {
    ...{ counts: t("登录，无论成败", "log-ins, right or wrong"), of: "network", isWider: true },
    ...{ windowSeconds: hour, settings: ["LOGIN_ATTEMPT_LIMIT_PER_CLIENT"], full: "throttled" },
  },
  failed_log_ins: {
    ...{ counts: t("输错密码", "wrong passwords"), of: "site", windowSeconds: hour },
    ...{ settings: ["LOGIN_FAILURE_ALARM"], full: "alarm" },
  },
  passkey: {
    ...{ counts: t("开始用通行密钥登录", "log-ins by passkey begun"), of: "network", windowSeconds: hour },
    ...{ settings: ["LOGIN_ATTEMPT_LIMIT_PER_CLIENT"], full: "throttled" },
    isWider: true,
  },
  oauth: {
    ...{ counts: t("开始第三方登录", "log-ins by a third party begun"), of: "network", windowSeconds: hour },
    ...{ settings: ["OAUTH_LIMIT"], full: "throttled" },
    isWider: true,
  },
  "second-step": {
    ...{ counts: t("输入第二步", "tries at the second factor"), of: "step", most: 5, full: "stepOver" },
    within: t("这次登录", "the log-in"),
  },
  "service-client": {
    ...{ counts: t("错误的服务凭据", "wrong service credentials"), of: "network", windowSeconds: hour },
    ...{ settings: ["SERVICE_FAILURE_LIMIT"], full: "throttled" },
    isWider: true,
  },
  "name-checks": {
    ...{
      counts: t("查询名字是否已被使用", "questions whether a name is taken"),
      of: "network",
      isWider: true,
    },
    ...{ windowSeconds: 60, settings: ["NAME_CHECK_LIMIT"], full: "throttled", place: "memory" },
  },
  "refused-refresh": {
    ...{ counts: t("被拒绝的刷新令牌", "refused refresh tokens"), of: "session", most: 5 },
    ...{ windowSeconds: 60, full: "throttled", place: "memory" },
  },
  "refused-refresh-network": {
    ...{ counts: t("被拒绝的刷新令牌", "refused refresh tokens"), of: "network", most: 100 },
    ...{ windowSeconds: 60, full: "throttled", place: "memory" },
  },
} as const satisfies Record<string, Limit>;
