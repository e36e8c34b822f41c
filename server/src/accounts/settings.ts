import { SettingProblem } from "../errors/setting-problem.ts";
import { defineSettings } from "../kernel/settings/room-settings.ts";
import { integer, itemsOf, parsed } from "../kernel/settings/variable.ts";
import type { ChoiceVersions } from "./consent-choices.ts";
import type { TermsVersions } from "./consents.ts";
import type { ExtraField } from "./extra-field.ts";
import { readExtraFields } from "./extra-field-declarations.ts";
import { username } from "./username.ts";

/** What accounts may be called. */
export interface AccountsSettings {
  readonly reservedUsernames: readonly string[];
  /** How long what an account gave up to log in by is nobody else's. */
  readonly nameHoldDays: number;
  /** Between two user names that an owner chooses; 0 for as often as they like. */
  readonly usernameChangeDays: number;
  /** After how many days without a proof a number may be somebody else's. */
  readonly numberStaleDays: number;
  /** From asking to leave a lost number until it goes. */
  readonly numberLeaveDays: number;
  readonly extraFields: readonly ExtraField[];
  readonly termsVersions: TermsVersions;
  readonly choiceVersions: ChoiceVersions;
}

export const accountsSettings = defineSettings({
  variables: {
    RESERVED_USERNAMES: parsed<readonly string[]>(
      [],
      {
        zh: "除内置名单（admin、support、客服等）和品牌的名字外，注册时不能选用的用户名（前后加数字也不行），逗号分隔。",
        en: "User names nobody can choose, with or without digits around, besides the built-in ones (admin, support, 客服 and the like) and the names of the brand, comma separated.",
      },
      namesOf,
    ),
    NAME_HOLD_DAYS: integer(
      90,
      { min: 1, max: 3650 },
      {
        zh: "更换后的旧用户名、邮箱、手机号保留多少天，其间只有原账号可以再用；至少与各服务令牌的最长有效期相同，不足时按后者计算。",
        en: "Days for which a user name, address or number that was given up is nobody else's; its account may take it back. Never shorter than the longest token life of any service.",
      },
    ),
    USERNAME_CHANGE_DAYS: integer(
      30,
      { min: 0, max: 3650 },
      {
        zh: "用户自己改用户名的最短间隔（天），0 表示不限。",
        en: "Days between two changes of the user name by its owner; 0 for no limit.",
      },
    ),
    NUMBER_STALE_DAYS: integer(
      90,
      { min: 1, max: 3650 },
      {
        zh: "手机号多少天没有在此用短信验证码验证过，就可能已被运营商给了别人：此后在没登录过该账号的浏览器上，单凭短信验证码不能登录或重置密码，还要再证明一项；新的持有人可以用它注册新账号。",
        en: "Days without a code by SMS that came back, after which a number may have been given to somebody else: from then on, in a browser that never logged in to the account, such a code alone neither logs in nor resets the password, but with one more proof; and whoever has the number now may sign up by it.",
      },
    ),
    NUMBER_LEAVE_DAYS: integer(
      7,
      // No longer: the link "this wasn't me" in the mail about it works for seven days.
      { min: 1, max: 7 },
      {
        zh: "登录后申请移除收不到短信的手机号，多少天后移除；其间本人可撤销。",
        en: "Days from asking to leave a number that receives nothing any more until it is removed; its owner can cancel that meanwhile.",
      },
    ),
    SIGN_UP_FIELDS: parsed<readonly ExtraField[]>(
      [],
      {
        fallbackText: "",
        zh: "账号的附加字段：JSON 数组，或存有它的文件的路径；见 docs/sign-up.md。",
        en: "Further fields of an account: a JSON list, or the path of a file that holds one; see docs/sign-up.md.",
      },
      readExtraFields,
    ),
    TERMS_VERSION: parsed<string | null>(
      null,
      {
        zh: "使用条款的版本，如 2026-11。设置后记录每个人同意的版本，更新后请用户再次同意。",
        en: "The version of the terms of use, such as 2026-11: who agreed to which is recorded, and a new one is asked for.",
      },
      versionOf,
    ),
    PRIVACY_VERSION: parsed<string | null>(
      null,
      {
        zh: "隐私政策的版本，作用同上。",
        en: "The version of the privacy policy; as above.",
      },
      versionOf,
    ),
    MARKETING_CONSENT_VERSION: parsed<string | null>(
      null,
      {
        zh: "营销信息（单独同意、可随时撤回）的说明版本，如 2026-11。设置后注册页和账号页询问是否愿意接收；更新后此前的同意不再有效。",
        en: "The version of what people agree to who want news and offers, such as 2026-11: asked apart from the terms, never ticked beforehand, withdrawn at any time. What was given to an earlier version counts no longer.",
      },
      versionOf,
    ),
  },
  settings: (env): AccountsSettings => ({
    reservedUsernames: env.RESERVED_USERNAMES,
    nameHoldDays: env.NAME_HOLD_DAYS,
    usernameChangeDays: env.USERNAME_CHANGE_DAYS,
    numberStaleDays: env.NUMBER_STALE_DAYS,
    numberLeaveDays: env.NUMBER_LEAVE_DAYS,
    extraFields: env.SIGN_UP_FIELDS,
    termsVersions: {
      ...(env.TERMS_VERSION === null ? {} : { terms: env.TERMS_VERSION }),
      ...(env.PRIVACY_VERSION === null ? {} : { privacy: env.PRIVACY_VERSION }),
    },
    choiceVersions:
      env.MARKETING_CONSENT_VERSION === null ? {} : { marketing: env.MARKETING_CONSENT_VERSION },
  }),
  inForce: ({ extraFields }): { SIGN_UP_FIELDS?: string } =>
    extraFields.length === 0 ? {} : { SIGN_UP_FIELDS: extraFields.map(({ name }) => name).join(", ") },
});

function versionOf(raw: string): string {
  if (/^[\w.-]{1,50}$/.test(raw)) return raw;
  throw new SettingProblem("termsVersion", { value: raw.slice(0, 60) });
}

/** What is no user name would reserve nothing: nobody could choose it anyway. */
function namesOf(raw: string): readonly string[] {
  const names = itemsOf(raw);
  const wrong = names.find((name) => username.operator.check(name) !== null);
  if (wrong !== undefined || names.length === 0)
    throw new SettingProblem("username", { value: wrong ?? raw });
  return names;
}
