import { defineSettings } from "../kernel/settings/room-settings.ts";
import { list } from "../kernel/settings/variable.ts";

/** What accounts may be called. */
export interface AccountsSettings {
  readonly reservedUsernames: readonly string[];
}

export const accountsSettings = defineSettings({
  variables: {
    RESERVED_USERNAMES: list([], {
      zh: "除内置名单（admin、support、客服等）外，注册时不能选用的用户名（前后加数字也不行），逗号分隔。",
      en: "User names nobody can choose, with or without digits around, besides the built-in ones (admin, support, 客服 and the like), comma separated.",
    }),
  },
  settings: (env): AccountsSettings => ({ reservedUsernames: env.RESERVED_USERNAMES }),
});
