import { SettingProblem } from "../errors/setting-problem.ts";
import { readAllowedHosts } from "../kernel/settings/network-settings.ts";
import { defineSettings } from "../kernel/settings/room-settings.ts";
import { integer, itemsOf, parsed } from "../kernel/settings/variable.ts";
import { readWebhookSecret } from "../kernel/webhook-signature.ts";
import { type HookName, hookNames } from "./hook-events.ts";
import type { HttpHookSettings } from "./http-hooks.ts";
import type { HookSettings } from "./run-hooks.ts";

const urls = {
  beforeSignUp: "HOOK_BEFORE_SIGN_UP_URL",
  beforeSession: "HOOK_BEFORE_SESSION_URL",
  claims: "HOOK_CLAIMS_URL",
} as const satisfies Record<HookName, string>;

/** What the site's own services are asked; see docs/hooks.md. */
export const hooksSettings = defineSettings({
  variables: {
    HOOK_BEFORE_SIGN_UP_URL: hookUrl({
      zh: "注册前询问的地址（签名的 JSON 请求），可拒绝并给出一句话；见 docs/hooks.md。",
      en: "Asked before somebody signs up, by signed JSON; may refuse with a sentence: docs/hooks.md.",
    }),
    HOOK_BEFORE_SESSION_URL: hookUrl({
      zh: "登录前（第一步验证通过后）询问的地址，可拒绝。",
      en: "Asked before a session opens, after the first factor proved right; may refuse.",
    }),
    HOOK_CLAIMS_URL: hookUrl({
      zh: "签发访问令牌时询问的地址，可加入带命名空间的声明。",
      en: "Asked for further claims of the access token, each with a namespace.",
    }),
    HOOK_SECRET: parsed<Buffer | null>(
      null,
      {
        secret: true,
        zh: "为上述请求签名的密钥：whsec_ 加 24 到 64 个随机字节的 base64。",
        en: "Signs these requests: whsec_ and 24 to 64 random bytes in base64.",
      },
      (raw) => {
        const secret = readWebhookSecret(raw);
        if (secret === null) throw new SettingProblem("hookSecret");
        return secret;
      },
    ),
    HOOK_TIMEOUT_MS: integer(
      2000,
      { min: 100, max: 3000 },
      {
        zh: "每个钩子的最长等待时间（毫秒）。",
        en: "Milliseconds that each hook is waited for.",
      },
    ),
    HOOK_FAIL_OPEN: parsed<readonly HookName[]>(
      [],
      {
        zh: `失败时放行的钩子：${hookNames.join("、")}，逗号分隔；其余失败时拒绝请求（503）。`,
        en: `Hooks that let pass when they fail: ${hookNames.join(", ")}, comma separated; others refuse the request (503).`,
      },
      readHookNames,
    ),
    HOOK_PRIVATE_HOSTS: parsed<readonly string[]>(
      [],
      {
        zh: "允许为内网地址或使用 http 的钩子主机，逗号分隔；其他主机只连接公网地址，且须为 https。",
        en: "Hosts of hooks that may have private addresses and http, comma separated; others are reached at public addresses and by https alone.",
      },
      readAllowedHosts,
    ),
  },
  settings: (env): HookSettings & HttpHookSettings => ({
    hookUrls: Object.fromEntries(
      hookNames.flatMap((name) => {
        const url = env[urls[name]];
        return url === null ? [] : [[name, url]];
      }),
    ),
    hookSecret: env.HOOK_SECRET,
    hookPrivateHosts: env.HOOK_PRIVATE_HOSTS,
    hookTimeoutMillis: env.HOOK_TIMEOUT_MS,
    hookFailRules: Object.fromEntries(
      hookNames.map((name) => [name, env.HOOK_FAIL_OPEN.includes(name) ? "open" : "closed"]),
    ) as HookSettings["hookFailRules"],
  }),
  problems: (env) =>
    hookNames.flatMap((name) => {
      const variable = urls[name];
      const url = env[variable];
      if (url === null) return [];
      const { protocol, hostname } = new URL(url);
      const isPlain = protocol === "http:" && !env.HOOK_PRIVATE_HOSTS.includes(hostname);
      return [
        ...(isPlain ? [{ variable, code: "hookPlain" as const, parameters: { host: hostname } }] : []),
        ...(env.HOOK_SECRET === null ? [{ variable, code: "hookWithoutSecret" as const }] : []),
      ];
    }),
});

function hookUrl(about: { zh: string; en: string }) {
  return parsed<string | null>(null, about, (raw) => {
    const url = URL.parse(raw);
    if (url === null || !/^https?:$/.test(url.protocol))
      throw new SettingProblem("webAddress", { value: raw });
    if (url.username !== "" || url.password !== "") throw new SettingProblem("webAddressLogIn");
    return url.href;
  });
}

function readHookNames(raw: string): readonly HookName[] {
  return itemsOf(raw).map((value) => {
    const name = hookNames.find((one) => one === value);
    if (name === undefined) throw new SettingProblem("choice", { allowed: hookNames.join(", "), value });
    return name;
  });
}
