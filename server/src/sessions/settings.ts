import { dayMillis } from "../kernel/clock.ts";
import { readDay } from "../kernel/settings/day.ts";
import { defineSettings } from "../kernel/settings/room-settings.ts";
import { boolean, choice, integer, parsed } from "../kernel/settings/variable.ts";

import type { ImpersonationSettings } from "./impersonations.ts";
import type { SigningSettings } from "./keys/signing-keys.ts";

/** How long a session with refresh tokens may last, in seconds: from its log-in, and without any use. */
export interface SessionLimits {
  readonly lifeSeconds: number;
  readonly idleSeconds: number;
}

/** How long tokens are good, ours and those of other services. */
export interface SessionsSettings {
  readonly tokenLifeSeconds: number;
  /** Of an access token that a refresh token renews. */
  readonly shortTokenLifeSeconds: number;
  readonly sessionLimits: { readonly visitors: SessionLimits; readonly staff: SessionLimits };
  /** With refresh tokens, of one account. */
  readonly sessionsPerAccount: number;
  /** Whether POST /token/refresh/ replaces the token, as POST /user/tokens/refresh/ always does. */
  readonly simplejwtRotates: boolean;
  /** Whether owners are mailed about log-ins from new devices. */
  readonly mailsNewDevices: boolean;
  readonly impersonation: ImpersonationSettings;
  readonly signing: SigningSettings;
  /** Tokens that other services issued under the same key. */
  readonly foreignTokens: {
    readonly lifeSeconds: number;
    readonly withoutUsername: boolean;
    readonly trustsSecondFactor: boolean;
  };
}

const signingVariables = {
  TOKEN_ALGORITHM: choice("HS256", ["HS256", "ES256", "RS256"], {
    zh: "访问令牌的签名算法。HS256 用 SECRET_KEY，与原来相同；ES256（推荐）或 RS256 使其他服务只能验证、不能签发，公钥在 /.well-known/jwks.json。所有进程都升级之后再改；改后一小时起用新算法签发（从未有人登录时立即）。",
    en: "What signs access tokens. HS256 under SECRET_KEY, as ever; ES256 (recommended) or RS256 let other services verify them and not make any, by /.well-known/jwks.json. Change it when every process has this version; it takes effect after an hour, at once where nobody ever logged in.",
  }),
  TOKEN_RSA_BITS: choice("2048", ["2048", "3072"], {
    zh: "RS256 新密钥的位数。",
    en: "Size of new keys for RS256.",
  }),
  TOKEN_KEY_DAYS: integer(
    90,
    { min: 0, max: 3650 },
    {
      zh: "ES256 和 RS256 的密钥使用多少天后自动更换；0 表示只用 manage keys rotate 更换。",
      en: "Days after which a key for ES256 or RS256 is replaced by itself; 0: only by manage keys rotate.",
    },
  ),
  HS256_TOKENS_UNTIL: parsed<number | null>(
    null,
    {
      fallbackText: "the longest life of a token",
      zh: "改用 ES256 或 RS256 之后，到哪一天（UTC，如 2027-01-31）为止仍接受 HS256 的令牌，含其他服务用 SECRET_KEY 签发的。",
      en: "After a change to ES256 or RS256, the day (UTC, such as 2027-01-31) until which tokens under HS256 are taken, those of other services with SECRET_KEY included.",
    },
    // Its end.
    (raw) => readDay(raw) + dayMillis,
  ),
} as const;

const impersonationVariables = {
  IMPERSONATION: choice("off", ["off", "on"], {
    zh: "有 users.impersonate_user 权限的工作人员能否代表用户操作，见 docs/console.zh.md。所有进程都升级到这个版本之后再开启。",
    en: "Whether staff with the permission users.impersonate_user may act in a user's place: docs/console.md. Switch it on once every process has this version.",
  }),
  IMPERSONATION_MINUTES: integer(
    30,
    { min: 1, max: 60 },
    {
      zh: "代表用户操作最长多少分钟，不能延长。",
      en: "Minutes after which acting in a user's place ends; nothing makes it longer.",
    },
  ),
} as const;

export const sessionsSettings = defineSettings({
  variables: {
    JWT_EXPIRATION_DELTA: integer(
      86_400,
      { min: 60, max: 31_536_000 },
      { zh: "令牌有效期（秒）。", en: "Life of an access token in seconds." },
    ),
    ACCESS_TOKEN_LIFE: integer(
      900,
      { min: 60, max: 86_400 },
      {
        zh: "客户端要求刷新令牌时，访问令牌的有效期（秒）。本站页面勾选“记住我”时也是；若有教程那样的页面与本站同源、读取 localStorage.token，请设为 86400。",
        en: "Life in seconds of an access token where the client asked for refresh tokens, as the site does by \"remember me\". Where pages of the tutorial's kind share the site's origin and read localStorage.token: 86400.",
      },
    ),
    SESSION_LIFE: integer(
      2_592_000,
      { min: 3600, max: 31_536_000 },
      {
        zh: "使用刷新令牌的登录最长保持多久（秒），从登录算起。",
        en: "Seconds from log-in after which a session with refresh tokens ends, however much it is used.",
      },
    ),
    SESSION_IDLE: integer(
      1_209_600,
      { min: 600, max: 31_536_000 },
      {
        zh: "使用刷新令牌的登录闲置多久（秒）后失效。",
        en: "Seconds without any use after which a session with refresh tokens ends.",
      },
    ),
    STAFF_SESSION_LIFE: integer(
      43_200,
      { min: 3600, max: 31_536_000 },
      {
        zh: "职员和超级用户的登录最长保持多久（秒），其余同 SESSION_LIFE。",
        en: "As SESSION_LIFE, for staff and superusers.",
      },
    ),
    STAFF_SESSION_IDLE: integer(
      1800,
      { min: 600, max: 31_536_000 },
      {
        zh: "职员和超级用户的登录闲置多久（秒）后失效，其余同 SESSION_IDLE。",
        en: "As SESSION_IDLE, for staff and superusers.",
      },
    ),
    SESSIONS_PER_ACCOUNT: integer(
      50,
      { min: 1, max: 1000 },
      {
        zh: "一个账号同时可有多少个使用刷新令牌的登录；再登录时，最久未用的一个失效。",
        en: "Sessions with refresh tokens that an account may have at once; a further log-in ends the one unused longest.",
      },
    ),
    SIMPLEJWT_ROTATION: boolean(true, {
      zh: "POST /token/refresh/（drf-simplejwt 的路径）是否每次更换刷新令牌；有的前端一直用第一个，关闭后应答总是同一个，被复制也不会被发现。",
      en: "Whether POST /token/refresh/, drf-simplejwt's path, replaces the refresh token. Some front ends send their first one for ever: off, the answer repeats it, and a copy is not noticed.",
    }),
    NEW_DEVICE_MAIL: boolean(true, {
      zh: "账号在新设备（浏览器和系统）上登录时，是否发邮件告知其主人；每个设备一次。",
      en: "Whether an account's owner is mailed when a new device (browser and system) logs in; once per device.",
    }),
    ...impersonationVariables,
    ...signingVariables,
    FOREIGN_TOKEN_LIFE: integer(
      0,
      { min: 0, max: 4_000_000_000 },
      {
        fallbackText: "JWT_EXPIRATION_DELTA",
        zh: "其他服务用同一 SECRET_KEY 签发的令牌的最长有效期（秒），0 表示与 JWT_EXPIRATION_DELTA 相同；有效期更长的令牌被拒绝。",
        en: "Longest life, in seconds, of tokens that other services issue under the same SECRET_KEY; 0 means JWT_EXPIRATION_DELTA. Longer ones are refused.",
      },
    ),
    FOREIGN_TOKEN_SECOND_FACTOR: boolean(false, {
      zh: "账号开启两步验证后，是否仍接受其他服务签发的令牌；只在那个服务自己也要求第二步时开启。",
      en: "Whether tokens of other services go on counting for accounts with a second factor. Only where that service asks for one itself.",
    }),
    FOREIGN_TOKEN_WITHOUT_USERNAME: boolean(false, {
      zh: "是否接受其他服务签发的不含 username、且 token_type 为 access 的令牌（drf-simplejwt 缺省如此）；此时仅凭 user_id 认人，两边的用户编号须一致。",
      en: "Whether to take tokens of other services that have no username and say token_type access, as drf-simplejwt's; user_id alone then decides, so the services' ids must be the same people's.",
    }),
  },
  settings: (env): SessionsSettings => ({
    tokenLifeSeconds: env.JWT_EXPIRATION_DELTA,
    shortTokenLifeSeconds: env.ACCESS_TOKEN_LIFE,
    sessionLimits: {
      visitors: { lifeSeconds: env.SESSION_LIFE, idleSeconds: env.SESSION_IDLE },
      staff: { lifeSeconds: env.STAFF_SESSION_LIFE, idleSeconds: env.STAFF_SESSION_IDLE },
    },
    simplejwtRotates: env.SIMPLEJWT_ROTATION,
    mailsNewDevices: env.NEW_DEVICE_MAIL,
    sessionsPerAccount: env.SESSIONS_PER_ACCOUNT,
    impersonation: { isOn: env.IMPERSONATION === "on", seconds: env.IMPERSONATION_MINUTES * 60 },
    signing: {
      algorithm: env.TOKEN_ALGORITHM,
      rsaBits: Number(env.TOKEN_RSA_BITS),
      rotateDays: env.TOKEN_KEY_DAYS,
      hs256Until: env.HS256_TOKENS_UNTIL,
    },
    foreignTokens: {
      lifeSeconds: env.FOREIGN_TOKEN_LIFE || env.JWT_EXPIRATION_DELTA,
      withoutUsername: env.FOREIGN_TOKEN_WITHOUT_USERNAME,
      trustsSecondFactor: env.FOREIGN_TOKEN_SECOND_FACTOR,
    },
  }),
  idle({ signing: { algorithm }, impersonation }) {
    const why = "TOKEN_ALGORITHM is HS256";
    return {
      ...(!impersonation.isOn && { IMPERSONATION_MINUTES: "IMPERSONATION is off" }),
      ...(algorithm !== "RS256" && { TOKEN_RSA_BITS: `TOKEN_ALGORITHM is ${algorithm}` }),
      ...(algorithm === "HS256" && { TOKEN_KEY_DAYS: why, HS256_TOKENS_UNTIL: why }),
    };
  },
});
