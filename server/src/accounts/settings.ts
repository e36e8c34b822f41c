import { SettingProblem } from "../errors/setting-problem.ts";
import { defineSettings } from "../kernel/settings/room-settings.ts";
import { itemsOf, parsed } from "../kernel/settings/variable.ts";
import { username } from "./username.ts";

/** What accounts may be called. */
export interface AccountsSettings {
  readonly reservedUsernames: readonly string[];
}

export const accountsSettings = defineSettings({
  variables: {
    RESERVED_USERNAMES: parsed<readonly string[]>(
      [],
      {
        zh: "除内置名单（admin、support、客服等）外，注册时不能选用的用户名（前后加数字也不行），逗号分隔。",
        en: "User names nobody can choose, with or without digits around, besides the built-in ones (admin, support, 客服 and the like), comma separated.",
      },
      namesOf,
    ),
  },
  settings: (env): AccountsSettings => ({ reservedUsernames: env.RESERVED_USERNAMES }),
});

/** What is no user name would reserve nothing: nobody could choose it anyway. */
function namesOf(raw: string): readonly string[] {
  const names = itemsOf(raw);
  const wrong = names.find((name) => username.operator.check(name) !== null);
  if (wrong !== undefined || names.length === 0)
    throw new SettingProblem("username", { value: wrong ?? raw });
  return names;
}
