import { defineSettings } from "../kernel/settings/room-settings.ts";
import { integer } from "../kernel/settings/variable.ts";

/** What people may ask of their own data. */
export interface RightsSettings {
  /** From asking for an account's deletion to its erasure; 0 = at once. */
  readonly deletionGraceDays: number;
}

export const rightsSettings = defineSettings({
  variables: {
    DELETION_GRACE_DAYS: integer(
      7,
      { min: 0, max: 15 },
      {
        zh: "申请注销账号后多少天清除数据，其间登录并确认即可撤销；0 表示立即清除，不能撤销。法规对答复的期限是 15 个工作日。",
        en: "Days from asking for an account's deletion to its erasure, in which its owner may log in and cancel; 0: at once, and nothing can be cancelled. Chinese rules allow 15 working days.",
      },
    ),
  },
  settings: (env): RightsSettings => ({ deletionGraceDays: env.DELETION_GRACE_DAYS }),
});
