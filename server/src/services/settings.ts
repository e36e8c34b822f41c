import { defineSettings } from "../kernel/settings/room-settings.ts";
import { integer } from "../kernel/settings/variable.ts";

export interface ServicesSettings {
  /** Wrong secrets of one client network in an hour; 0 = unlimited. */
  readonly serviceFailureLimit: number;
}

export const servicesSettings = defineSettings({
  variables: {
    SERVICE_FAILURE_LIMIT: integer(
      100,
      { min: 0, max: 1_000_000 },
      {
        zh: "同一网络每小时最多出示多少次错误的服务凭据，超过后回答 429；正确的凭据不受影响；0 表示不限。",
        en: "Wrong service credentials of one client network in an hour; past it they are answered 429. Right ones always pass. 0 = unlimited.",
      },
    ),
  },
  settings: (env): ServicesSettings => ({ serviceFailureLimit: env.SERVICE_FAILURE_LIMIT }),
});
