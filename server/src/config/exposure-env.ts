import { readAllowedHosts } from "../kernel/settings/network-settings.ts";
import { boolean, parsed } from "../kernel/settings/variable.ts";

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

/** The environment variables that say who may reach what; part of the table in env.ts. */
export const exposureVariables = {
  ALLOWED_HOSTS: parsed<readonly string[]>(
    [],
    {
      fallbackText: "(none)",
      zh: "除本机地址、PUBLIC_SITE_URL、PUBLIC_API_URL 和 CORS_ORIGIN_WHITELIST 的主机外，还接受的 Host 请求头，逗号分隔，不带端口；* 表示全部。其余的回答 421。",
      en: "Hosts that requests may be addressed to (the Host header), comma separated, without ports, beside this machine's own addresses and the hosts of PUBLIC_SITE_URL, PUBLIC_API_URL and CORS_ORIGIN_WHITELIST; * stands for all. Others are answered 421.",
    },
    readAllowedHosts,
  ),
  MAILBOX_OPEN: boolean(false, {
    zh: "开发邮箱是否对其他机器开放：其中有所有人的验证码。缺省仅限本机。",
    en: "Whether the development mailbox, which has everybody's codes, answers other machines; by default this one only.",
  }),
  ...allowanceVariables,
} as const;
