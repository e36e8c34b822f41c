import type { RefusalReason } from "../../sign-in/refusals.ts";

const refusalTexts: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {
  wrong_password: { zh: "密码错误", en: "wrong password" },
  no_password: { zh: "账号没有密码", en: "the account has no password" },
  second_factor: { zh: "两步验证未通过", en: "the second factor was not proved" },
  disabled: { zh: "账号已停用", en: "the account is disabled" },
  throttled: { zh: "尝试过多", en: "too many tries" },
  busy: { zh: "服务器繁忙", en: "the server was busy" },
  hook_refused: { zh: "站点的钩子拒绝", en: "refused by the site's hook" },
  hook_failed: { zh: "站点的钩子没有回答", en: "the site's hook did not answer" },
} satisfies Record<RefusalReason, { readonly zh: string; readonly en: string }>;

/** Why a log-in was refused, in words; a reason that is none of these as it is. */
export const refusalText = (reason: string, language: "zh" | "en"): string =>
  refusalTexts[reason]?.[language] ?? reason;
