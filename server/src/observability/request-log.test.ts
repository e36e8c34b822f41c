import type { FastifyBaseLogger } from "fastify";
import { pino } from "pino";
import { expect, test } from "vitest";
import { RequestLog } from "./request-log.ts";

function lines() {
  const written: Record<string, unknown>[] = [];
  const parent = pino(
    { level: "info", base: null, timestamp: false },
    { write: (line) => written.push(JSON.parse(line)) },
  );
  return { written, parent: parent as unknown as FastifyBaseLogger };
}

test("what is logged carries the request's id", () => {
  const { written, parent } = lines();
  const log = new RequestLog(parent, "r-1");
  log.warn({ status: 503 }, "answered");
  log.debug("dropped by the level");
  log.child({ job: 7 }).info("deeper");
  expect(written).toEqual([
    { level: 40, reqId: "r-1", status: 503, msg: "answered" },
    { level: 30, reqId: "r-1", job: 7, msg: "deeper" },
  ]);
});

test("a request that logs nothing makes no logger", () => {
  const { parent } = lines();
  let made = 0;
  const counting = Object.assign(Object.create(parent), {
    child: () => {
      made++;
      return parent;
    },
  }) as FastifyBaseLogger;
  const log = new RequestLog(counting, "r-2");
  expect(log.level).toBe("info");
  expect(made).toBe(0);
  log.info("one");
  log.info("two");
  expect(made).toBe(1);
});
