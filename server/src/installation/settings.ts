import { defineSettings } from "../kernel/settings/room-settings.ts";
import { boolean, choice, itemsOf, optionalText, parsed, text } from "../kernel/settings/variable.ts";

/** What the whole installation is: which kind, where its files are, under which key, and what production may do unsafely. */
export interface InstallationSettings {
  readonly environment: "development" | "production";
  readonly dataDir: string;
  /** Null where secrets.ts is still to read or make it (development only). */
  readonly secretKey: string | null;
  /** Keys that were SECRET_KEY before: they verify and open, and never sign. */
  readonly secretKeyFallbacks: readonly string[];
  /** Which unsafe settings production may start with, see cli/doctor/settings-checks.ts. */
  readonly allowances: ReadonlySet<AllowanceName>;
}

/**
 * What production doesn't start with, unless the operator says that it is meant (cli/doctor/settings-checks.ts): one switch
 * for each, so that allowing the one doesn't let the next pass unseen.
 */
const allowanceVariables = {
  ALLOW_WEAK_SECRET_KEY: boolean(false, {
    zh: "生产环境是否接受示例或重复的 SECRET_KEY（如 Django 的 django-insecure-…）。",
    en: "Whether production takes a SECRET_KEY that is an example or repeats itself, such as Django's django-insecure-….",
  }),
  ALLOW_HTTP: boolean(false, {
    zh: "生产环境的 PUBLIC_SITE_URL 和 PUBLIC_API_URL 是否可以是 http：密码和令牌会明文传输。",
    en: "Whether production's PUBLIC_SITE_URL and PUBLIC_API_URL may be http: passwords and tokens travel in the clear then.",
  }),
  ALLOW_UNLISTED_SITE: boolean(false, {
    zh: "生产环境的 PUBLIC_SITE_URL 是否可以不在 CORS_ORIGIN_WHITELIST 中（例如站点经自己的服务器调用接口）。",
    en: "Whether production's PUBLIC_SITE_URL may be missing in CORS_ORIGIN_WHITELIST, as where another server calls the API for it.",
  }),
  ALLOW_FOREIGN_REDIRECT_URI: boolean(false, {
    zh: "生产环境的第三方回调地址是否可以不在 PUBLIC_SITE_URL 上（例如由另一个前端处理）。",
    en: "Whether production's third-party redirect addresses may be off PUBLIC_SITE_URL, as where another front end takes them.",
  }),
  ALLOW_OPEN_DATA_DIR: boolean(false, {
    zh: "生产环境的数据库和密钥文件是否可以被本机其他用户读取。",
    en: "Whether production's database and key may be files that other users of the machine can read.",
  }),
} as const;

export type AllowanceName = keyof typeof allowanceVariables;
export const allowanceNames = Object.keys(allowanceVariables) as AllowanceName[];

const isShort = (key: string) => Buffer.byteLength(key) < 32;

export const installationSettings = defineSettings({
  variables: {
    ENVIRONMENT: choice("development", ["development", "production"], {
      zh: "运行环境。production 要求 SECRET_KEY、SMTP_URL、CORS_ORIGIN_WHITELIST，并关闭开发邮箱和沙箱。",
      en: "production requires SECRET_KEY, SMTP_URL and CORS_ORIGIN_WHITELIST, and has no mailbox and no sandbox.",
    }),
    DATA_DIR: text("./data", {
      zh: "内嵌数据库和自动生成的密钥所在目录。",
      en: "Folder of the embedded database and the generated secret.",
    }),
    SECRET_KEY: optionalText({
      secret: true,
      fallbackText: "generated into DATA_DIR/secret-key (development)",
      zh: "签名密钥，至少 32 字节；与原 Django 的 SECRET_KEY 相同时令牌互通。",
      en: "Signing key, at least 32 bytes; the same as Django's SECRET_KEY makes tokens interchangeable.",
    }),
    SECRET_KEY_FALLBACKS: parsed<readonly string[]>(
      [],
      {
        secret: true,
        fallbackText: "",
        zh: "更换前用过的 SECRET_KEY，逗号分隔，最多 5 个：只用来验证和解密，不再签发，因此更换密钥不会使任何人退出登录。步骤见 operate.zh.md“更换密钥”。",
        en: "What SECRET_KEY was before, comma-separated, at most 5: they verify and open and sign nothing, so that a change of the key logs nobody out. See operate.md, Change keys.",
      },
      itemsOf,
    ),
    ...allowanceVariables,
  },
  required: { SECRET_KEY: "requiredKey" },
  settings: (env, { dataDir }): InstallationSettings => ({
    environment: env.ENVIRONMENT,
    dataDir,
    secretKey: env.SECRET_KEY,
    secretKeyFallbacks: env.SECRET_KEY_FALLBACKS,
    allowances: new Set(allowanceNames.filter((name) => env[name])),
  }),
  problems: ({ SECRET_KEY: key, SECRET_KEY_FALLBACKS: before }) => [
    ...(key !== null && isShort(key) ? [{ variable: "SECRET_KEY", code: "secretKeyShort" } as const] : []),
    ...(before.some(isShort) ? [{ variable: "SECRET_KEY_FALLBACKS", code: "secretKeyShort" } as const] : []),
    ...(before.length > 5 ? [{ variable: "SECRET_KEY_FALLBACKS", code: "fallbacksMany" } as const] : []),
  ],
  inForce: ({ dataDir }) => ({ DATA_DIR: dataDir }),
  byDefault: ({ environment, dataDir }) =>
    environment === "production" ? {} : { SECRET_KEY: `generated into ${dataDir}/secret-key` },
  idle: ({ environment }) =>
    environment === "development"
      ? Object.fromEntries(allowanceNames.map((name) => [name, "development refuses nothing"]))
      : {},
});
