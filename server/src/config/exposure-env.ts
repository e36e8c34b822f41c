import { readAllowedHosts } from "./network-settings.ts";
import { boolean, parsed } from "./variable.ts";

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
} as const;
