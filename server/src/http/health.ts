import Type from "../lib/schema.ts";
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
export function healthRoutes(api: Api, checks: readonly HealthCheck[]): void {
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
    async handler(request, reply) {
      const results = await Promise.all(
        checks.map(async ({ name, check }) => {
          try {
            await withPatience(check());
            return [name, "ok"] as const;
          } catch (error) {
            request.log.warn({ err: error, check: name }, "not ready");
            return [name, "unavailable"] as const;
          }
        }),
      );
      const ready = results.every(([, state]) => state === "ok");
      if (!ready) reply.code(503).header("retry-after", "2");
      return { status: ready ? "ok" : "unavailable", checks: Object.fromEntries(results) };
    },
  });
}

async function withPatience(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${patience} ms`)), patience);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
