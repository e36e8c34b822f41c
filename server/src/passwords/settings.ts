import { defineSettings } from "../kernel/settings/room-settings.ts";
import { integer, itemsOf, parsed } from "../kernel/settings/variable.ts";
import { defaultHashers, type HasherName, readHasherNames } from "./hasher-names.ts";

/** How passwords are hashed. */
export interface PasswordsSettings {
  readonly passwordHashers: readonly HasherName[];
  readonly hashQueueLimit: number;
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
    HASH_QUEUE_LIMIT: integer(
      200,
      { min: 1, max: 100_000 },
      {
        zh: "等待哈希的请求上限，超出返回 503。",
        en: "Requests that may wait for a hash; beyond it the answer is 503.",
      },
    ),
  },
  settings: (env): PasswordsSettings => ({
    passwordHashers: env.PASSWORD_HASHERS,
    hashQueueLimit: env.HASH_QUEUE_LIMIT,
  }),
});
