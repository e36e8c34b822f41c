import { defineSettings } from "../kernel/settings/room-settings.ts";
import { itemsOf, optionalInteger, parsed, webAddress } from "../kernel/settings/variable.ts";
import { readBreachedHeader } from "./breached/breached-file.ts";
import { defaultHashers, type HasherName, readHasherNames } from "./hasher-names.ts";

/** How passwords are hashed, and what a new one must not be. */
export interface PasswordsSettings {
  readonly passwordHashers: readonly HasherName[];
  /** Null: by the time that hashes take. */
  readonly hashQueueLimit: number | null;
  readonly forbiddenWords: readonly string[];
  /** Made by `passwords import-breached`; null for none. */
  readonly breachedPasswordsFile: string | null;
  /** A service of haveibeenpwned.com's range protocol, without a slash at its end; null for none. */
  readonly breachedPasswordsUrl: string | null;
}

export const passwordsSettings = defineSettings({
  variables: {
    PASSWORD_HASHERS: parsed<readonly HasherName[]>(
      defaultHashers,
      {
        zh: "密码哈希算法列表，第一个用于新密码，其余仅验证。另有旧式的 sha1、md5、unsalted_sha1、unsalted_md5，默认关闭，只能用于验证。",
        en: "Password hashers: the first makes new hashes, all verify. Off by default, and for verifying alone: the legacy sha1, md5, unsalted_sha1, unsalted_md5.",
      },
      (raw) => readHasherNames(itemsOf(raw)),
    ),
    HASH_QUEUE_LIMIT: optionalInteger(
      { min: 1, max: 100_000 },
      {
        fallbackText: "(0.6 seconds' worth)",
        zh: "等待哈希的请求上限，超出返回 503。不设置时由测得的哈希耗时决定：0.6 秒内轮得到的请求才能等待。",
        en: "Requests that may wait for a hash; beyond it the answer is 503. Unless it is set, as many wait as get their turn within 0.6 seconds, by what hashes were measured to take.",
      },
    ),
    PASSWORD_FORBIDDEN_WORDS: parsed<readonly string[]>(
      [],
      {
        fallbackText: "(none)",
        zh: "新密码中不能作为主体的字词，逗号分隔，如公司名、产品名；站点自己的名字总在其中。",
        en: "Words that may not make up a new password, comma separated: the firm's and its products' names. The site's own name is always among them.",
      },
      itemsOf,
    ),
    BREACHED_PASSWORDS_FILE: parsed<string | null>(
      null,
      {
        fallbackText: "(none)",
        zh: "已泄露密码的文件，由 passwords import-breached 生成；其中的密码不能作为新密码。每台机器都要有。",
        en: "The file of breached passwords that `passwords import-breached` made; none of them may become a new password. Every machine needs it.",
      },
      (file) => {
        readBreachedHeader(file);
        return file;
      },
    ),
    BREACHED_PASSWORDS_URL: webAddress("", {
      fallbackText: "(none)",
      zh: "查询已泄露密码的服务，如 https://api.pwnedpasswords.com/range；只发送哈希的前五位。一秒内没有回答则放行。",
      en: "A service that knows breached passwords, such as https://api.pwnedpasswords.com/range. It is sent five digits of a hash. A password passes where it doesn't answer within a second.",
    }),
  },
  settings: (env): PasswordsSettings => ({
    passwordHashers: env.PASSWORD_HASHERS,
    hashQueueLimit: env.HASH_QUEUE_LIMIT,
    forbiddenWords: env.PASSWORD_FORBIDDEN_WORDS,
    breachedPasswordsFile: env.BREACHED_PASSWORDS_FILE,
    breachedPasswordsUrl: env.BREACHED_PASSWORDS_URL === "" ? null : env.BREACHED_PASSWORDS_URL,
  }),
});
