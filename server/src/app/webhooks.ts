import { writeNextVersion } from "../accounts/change.ts";
import { securityNoticeJob } from "../accounts/user-jobs.ts";
import { type Audit, createAudit } from "../audit/audit.ts";
import { createAuditChain } from "../audit/audit-chain.ts";
import { createAuditLog } from "../audit/audit-log.ts";
import type { Config } from "../config/config.ts";
import type { Db } from "../engines/database/database.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import type { LocalRunner } from "../engines/jobs/local-runner.ts";
import { createEvents } from "../events/events.ts";
import type { Clock } from "../kernel/clock.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import type { Log } from "../kernel/log.ts";
import { rightsNoticeJob } from "../rights/rights-notice-job.ts";
import { createDeliveries } from "../webhooks/deliveries.ts";
import { createDeliveryLoop } from "../webhooks/delivery-loop.ts";
import { createEndpointSecrets } from "../webhooks/endpoint-secret.ts";
import { createSender } from "../webhooks/send-delivery.ts";
import { createWebhooks, toEndpoints } from "../webhooks/webhooks.ts";

interface EventDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
}

/** What happens, and where it goes; with the audit log, whose entries are told of too. */
export function createEventParts({ db, clock, log }: EventDeps) {
  const events = createEvents({ db, clock, log, sinks: [toEndpoints(writeNextVersion)] });
  return {
    events,
    audit: createAudit({ db, clock, onEntry: events.ofEntry }),
    watchNotices: (jobs: Jobs): Jobs => events.watchNotices(jobs, [securityNoticeJob, rightsNoticeJob]),
  };
}

/** AUDIT_LOG and AUDIT_CHAIN: the process that does the jobs writes what is new to standard output, and links it. */
export function auditLogBeside(
  config: Config,
  deps: EventDeps & { readonly secretKeys: SecretKeys },
  runner: LocalRunner,
): LocalRunner {
  const write = (line: string) => void process.stdout.write(`${line}\n`);
  const [log, chain] = [createAuditLog({ ...deps, write }), createAuditChain(deps)];
  const parts = [
    ...(config.auditLog === "off" ? [] : [{ begin: log.begin, look: log.writeAll }]),
    ...(config.auditChain ? [{ begin: chain.begin, look: chain.linkAll }] : []),
  ];
  if (parts.length === 0) return runner;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<unknown> | null = null;
  const lookAll = async () => {
    for (const { look } of parts) {
      await look().catch((error: unknown) =>
        deps.log.error({ err: error }, "the audit log can't be written out or linked"),
      );
    }
  };
  return {
    ...runner,
    async start() {
      await runner.start();
      for (const { begin } of parts) await begin();
      timer ??= setInterval(() => {
        looking ??= lookAll().finally(() => {
          looking = null;
        });
      }, 1000);
    },
    async stop(limitSeconds) {
      clearInterval(timer);
      timer = undefined;
      await looking;
      await runner.stop(limitSeconds);
    },
  };
}

/** Endpoints as operators keep them, and what sends to them beside the jobs. */
export function createWebhookParts(
  config: Config,
  deps: EventDeps & { readonly audit: Audit; readonly secretKeys: SecretKeys },
) {
  const secrets = createEndpointSecrets(deps.secretKeys);
  // Whoever writes a receiver has it on the machine of the server.
  const own = config.environment === "development" ? ["127.0.0.1", "localhost"] : [];
  const webhookPrivateHosts = [...config.webhookPrivateHosts, ...own];
  const sender = createSender({ ...config, webhookPrivateHosts });
  const deliveries = createDeliveries({ ...deps, secrets, sender });
  const loop = createDeliveryLoop({ deliveries, log: deps.log });
  return {
    webhooks: createWebhooks({ ...deps, secrets, webhookPrivateHosts }),
    stats: deliveries.stats,
    /** The process that does the jobs sends the webhooks, too. */
    beside: (runner: LocalRunner): LocalRunner => ({
      async start() {
        await runner.start();
        loop.start();
      },
      async stop(limitSeconds) {
        await Promise.all([runner.stop(limitSeconds), loop.stop(limitSeconds)]);
      },
      async runDue() {
        const runs = await runner.runDue();
        return runs + (await loop.runDue());
      },
    }),
    close: sender.close,
  };
}
