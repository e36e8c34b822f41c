import { readAllowedHosts } from "../kernel/settings/network-settings.ts";
import { defineSettings } from "../kernel/settings/room-settings.ts";
import { parsed } from "../kernel/settings/variable.ts";

export interface WebhookSettings {
  /** Hosts of endpoints that may have private addresses and http. */
  readonly webhookPrivateHosts: readonly string[];
}

/** What other programs of the site are told; see docs/webhooks.md. */
export const webhookSettings = defineSettings({
  variables: {
    WEBHOOK_PRIVATE_HOSTS: parsed<readonly string[]>(
      [],
      {
        zh: "允许为内网地址或使用 http 的 Webhook 接收主机，逗号分隔；其他主机只连接公网地址，且须为 https。",
        en: "Hosts of webhook endpoints that may have private addresses and http, comma separated; others are reached at public addresses and by https alone.",
      },
      readAllowedHosts,
    ),
  },
  settings: (env): WebhookSettings => ({ webhookPrivateHosts: env.WEBHOOK_PRIVATE_HOSTS }),
});
