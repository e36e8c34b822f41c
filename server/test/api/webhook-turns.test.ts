import { afterAll, beforeAll, expect, it } from "vitest";
import { createLog } from "../../src/kernel/log.ts";
import { createDeliveries } from "../../src/webhooks/deliveries.ts";
import { createEndpointSecrets } from "../../src/webhooks/endpoint-secret.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Who gets the next place where there are more endpoints with something to be told than places. Counted, not timed. */
const operator = { id: null, name: "test", requestId: null };
const endpoints = 11;
const waitingEach = 20;
let test: TestApp;
let deliveries: ReturnType<typeof createDeliveries>;
beforeAll(async () => {
  test = await startTestApp();
  deliveries = createDeliveries({
    ...{ db: test.app.db, clock: test.clock, log: createLog("silent"), audit: test.app.audit },
    secrets: createEndpointSecrets([testSecretKey]),
    sender: {
      send: async () => ({ status: 204, answer: "", error: null, retryAfterSeconds: null }),
      close: async () => {},
    },
  });
  const now = test.clock.now();
  for (let n = 1; n <= endpoints; n++) {
    const { endpoint } = await test.app.webhooks.add(operator, { url: `https://r${n}.example/`, events: [] });
    const rows = Array.from({ length: waitingEach }, (_, i) => ({
      ...{ endpoint_id: endpoint.id, message_id: `msg_${n}_${i}`, type: "user.updated", user_id: null },
      ...{ body: "{}", state: "waiting" as const, attempts: 0, due_at: now, created_at: now },
    }));
    await test.app.db.kysely.insertInto("webhook_deliveries").values(rows).execute();
  }
});
afterAll(() => test.close());

it("a place that comes free goes to who got one longest ago, however much the others wait for", async () => {
  const first = await deliveries.takeAll(deliveries.atOnce);
  const served = new Set(first.map(({ endpoint }) => endpoint.id));
  expect([first.length, served.size]).toEqual([32, 8]);
  // All eight are slow; one attempt after the other ends.
  const next: number[] = [];
  for (const { endpoint, row } of first.slice(0, 12)) {
    await deliveries.deliver(endpoint, row, new AbortController().signal);
    const [taken, ...more] = await deliveries.takeAll(1);
    expect(more).toEqual([]);
    next.push(taken!.endpoint.id);
  }
  const isServed = (id: number) => served.has(id);
  // The three that had nothing first, and then each of the others as its own places come free.
  expect(next.slice(0, 3).some(isServed)).toBe(false);
  expect(new Set(next.slice(0, 3)).size).toBe(3);
  const most = Math.max(...[...new Set(next)].map((id) => next.filter((one) => one === id).length));
  expect(most).toBeLessThanOrEqual(4);
});
