import { defineSettings } from "../kernel/settings/room-settings.ts";
import { integer } from "../kernel/settings/variable.ts";

/** What an account may remember of the devices it is used on. */
export interface DevicesSettings {
  /** For how long a device may spare its owner the second factor; 0 = never. */
  readonly rememberDeviceDays: number;
}

export const devicesSettings = defineSettings({
  variables: {
    REMEMBER_DEVICE_DAYS: integer(
      30,
      { min: 0, max: 365 },
      {
        zh: "完成两步验证时勾选“信任这台设备”后，多少天内在该设备上登录不再要求第二步；0 表示不提供。职员和超级用户从不适用。",
        en: "Days for which a device that was ticked as trusted at the second step is asked for none again; 0: nobody is offered it. Never for staff and superusers.",
      },
    ),
  },
  settings: (env): DevicesSettings => ({ rememberDeviceDays: env.REMEMBER_DEVICE_DAYS }),
});
