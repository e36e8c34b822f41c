import { defineSettings } from "../../kernel/settings/room-settings.ts";
import { integer } from "../../kernel/settings/variable.ts";

/** How many background jobs run at once. */
export interface JobsSettings {
  /** 0: as many as suit the engine. */
  readonly workerConcurrency: number;
}

export const jobsSettings = defineSettings({
  variables: {
    WORKER_CONCURRENCY: integer(
      0,
      { min: 0, max: 1000 },
      {
        fallbackText: "20 (Redis), 8 (database)",
        zh: "一个进程同时执行的后台任务数。",
        en: "Background jobs one process runs at the same time.",
      },
    ),
  },
  settings: (env): JobsSettings => ({ workerConcurrency: env.WORKER_CONCURRENCY }),
});
