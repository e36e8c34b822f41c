import type { BaseLogger } from "pino";
import Type from "../kernel/schema/schema.ts";
import type { Api } from "./server.ts";

/** One thing the server needs; `check` rejects when it is unhealthy. */
export interface HealthCheck {
  readonly name: string;
  readonly check: () => Promise<void>;
}

/** Longest wait for one check, in milliseconds; a hanging engine is an unhealthy one. */
const patience = 1500;

/**
 * `/healthz`: the process answers (restart it when not). `/readyz`: it can serve, naming each thing it needs
 * (tell somebody when not; other processes with the same engines are no better, see docs/scaling.md).
 */
export function healthRoutes(api: Api, checks: readonly HealthCheck[], log: Pick<BaseLogger, "warn">): void {
  const look = sharedLook(checks, (check, err) => log.warn({ err, check }, "not ready"));
  api.route({
    method: "GET",
    url: "/healthz",
    config: { auth: "ignored" },
    schema: {
      summary: "The process answers",
      tags: ["operations"],
      response: { 200: Type.Object({ status: Type.String() }) },
    },
    handler: async () => ({ status: "ok" }),
  });
  const States = Type.Object({ status: Type.String(), checks: Type.Record(Type.String(), Type.String()) });
  api.route({
    method: "GET",
    url: "/readyz",
    config: { auth: "ignored" },
    schema: {
      summary: "Everything it needs is there",
      tags: ["operations"],
      response: { 200: States, 503: States },
    },
    async handler(_, reply) {
      const results = await look();
      const ready = results.every(([, state]) => state === "ok");
      if (!ready) reply.code(503).header("retry-after", "2");
      return { status: ready ? "ok" : "unavailable", checks: Object.fromEntries(results) };
    },
  });
}

type Result = readonly [name: string, state: "ok" | "unavailable"];

/** How long an answer is given again, in milliseconds; above `patience`, so that no two looks are under way. */
const keepMillis = 2000;

/**
 * The checks as often as anybody asks, carried out at most once in two seconds: all callers share one look. A check that
 * hangs is not begun again before it has come back, so an engine that hangs gathers nothing.
 */
export function sharedLook(
  checks: readonly HealthCheck[],
  report: (name: string, error: unknown) => void,
  now = () => performance.now(),
): () => Promise<Result[]> {
  const underWay = new Set<string>();
  let last: Promise<Result[]> = Promise.resolve([]);
  let begunAt = Number.NEGATIVE_INFINITY;

  async function begin({ name, check }: HealthCheck): Promise<void> {
    if (underWay.has(name)) throw new Error("the look before has not come back");
    underWay.add(name);
    await check().finally(() => underWay.delete(name));
  }
  const one = (health: HealthCheck): Promise<Result> =>
    withPatience(begin(health)).then(
      () => [health.name, "ok"],
      (error: unknown) => {
        report(health.name, error);
        return [health.name, "unavailable"];
      },
    );

  return () => {
    if (now() - begunAt >= keepMillis) {
      begunAt = now();
      last = Promise.all(checks.map(one));
    }
    return last;
  };
}

async function withPatience(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${patience} ms`)), patience);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
