import { defineSettings } from "../kernel/settings/room-settings.ts";
import { boolean, integer } from "../kernel/settings/variable.ts";

/** How long tokens are good, ours and those of other services. */
export interface SessionsSettings {
  readonly tokenLifeSeconds: number;
  /** Tokens that other services issued under the same key. */
  readonly foreignTokens: { readonly lifeSeconds: number; readonly withoutUsername: boolean };
}

export const sessionsSettings = defineSettings({
  variables: {
    JWT_EXPIRATION_DELTA: integer(
      86_400,
      { min: 60, max: 31_536_000 },
      { zh: "令牌有效期（秒）。", en: "Life of an access token in seconds." },
    ),
    FOREIGN_TOKEN_LIFE: integer(
      0,
      { min: 0, max: 4_000_000_000 },
      {
        fallbackText: "JWT_EXPIRATION_DELTA",
        zh: "其他服务用同一 SECRET_KEY 签发的令牌的最长有效期（秒），0 表示与 JWT_EXPIRATION_DELTA 相同；有效期更长的令牌被拒绝。",
        en: "Longest life, in seconds, of tokens that other services issue under the same SECRET_KEY; 0 means JWT_EXPIRATION_DELTA. Longer ones are refused.",
      },
    ),
    FOREIGN_TOKEN_WITHOUT_USERNAME: boolean(false, {
      zh: "是否接受其他服务签发的不含 username、且 token_type 为 access 的令牌（drf-simplejwt 缺省如此）；此时仅凭 user_id 认人，两边的用户编号须一致。",
      en: "Whether to take tokens of other services that have no username and say token_type access, as drf-simplejwt's; user_id alone then decides, so the services' ids must be the same people's.",
    }),
  },
  settings: (env): SessionsSettings => ({
    tokenLifeSeconds: env.JWT_EXPIRATION_DELTA,
    foreignTokens: {
      lifeSeconds: env.FOREIGN_TOKEN_LIFE || env.JWT_EXPIRATION_DELTA,
      withoutUsername: env.FOREIGN_TOKEN_WITHOUT_USERNAME,
    },
  }),
});
