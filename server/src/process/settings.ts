import { defineSettings } from "../kernel/settings/room-settings.ts";
import { integer } from "../kernel/settings/variable.ts";
import { defaultHashConcurrency, maxHashConcurrency } from "./hash-concurrency.ts";

/** How many processes answer, and what each may compute at once. */
export interface ProcessSettings {
  readonly webConcurrency: number;
  readonly hashConcurrency: number;
}

export const processSettings = defineSettings({
  variables: {
    WEB_CONCURRENCY: integer(
      1,
      { min: 1, max: 256 },
      {
        zh: "同一端口上的 API 进程数。",
        en: "API processes on the one port.",
      },
    ),
    HASH_CONCURRENCY: integer(
      0,
      { min: 0, max: maxHashConcurrency },
      {
        fallbackText: "processors / WEB_CONCURRENCY",
        zh: "每个接口进程同时进行的哈希计算数。",
        en: "Password hashes that one API process computes at the same time.",
      },
    ),
  },
  settings: (env): ProcessSettings => ({
    webConcurrency: env.WEB_CONCURRENCY,
    hashConcurrency: env.HASH_CONCURRENCY || defaultHashConcurrency(env.WEB_CONCURRENCY),
  }),
  inForce: ({ hashConcurrency }) => ({ HASH_CONCURRENCY: String(hashConcurrency) }),
});
