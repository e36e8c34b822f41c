import type { BaseLogger } from "pino";
import type { RedisClient } from "../kv/redis-connection.ts";
import { infoOrNothing } from "../kv/redis-info.ts";

/**
 * BullMQ prints its advice about Redis to the console, two lines of plain text between the log's JSON at every
 * connection. It finds what to advise in the answer to INFO, so that answer leaves the advice's cause out, and the
 * advice is a log line instead, once a process.
 */
export function quietForBullmq<Client extends RedisClient>(
  client: Client,
  log: Pick<BaseLogger, "warn">,
): Client {
  const info = client.info.bind(client) as (...args: never[]) => Promise<string>;
  client.info = (async (...args: never[]) => withoutAdvice(await info(...args), log)) as Client["info"];
  // A worker waits for jobs on a copy of its connection.
  const duplicate = client.duplicate.bind(client) as (...args: never[]) => RedisClient;
  client.duplicate = ((...args: never[]) =>
    quietForBullmq(infoOrNothing(duplicate(...args)), log)) as Client["duplicate"];
  return client;
}

const advised = new Set<string>();

/** Below this version BullMQ advises a newer one; what it does otherwise changes at 6.0 and 7.0.8 alone. */
const recommended = "6.2.0";

function withoutAdvice(text: string, log: Pick<BaseLogger, "warn">): string {
  // An account that may not ask: without a version BullMQ would take it for one that is too old.
  if (text === "") return `redis_version:${recommended}\r\n`;
  return text
    .replace(/^maxmemory_policy:(.*)$/m, (whole, found: string) => {
      const policy = found.trim();
      if (policy === "noeviction") return whole;
      advise(log, { maxmemoryPolicy: policy }, 'Redis may drop jobs: set maxmemory-policy to "noeviction"');
      return "";
    })
    .replace(/^redis_version:(6\.[01]\..*)$/m, (_whole, version: string) => {
      advise(log, { version: version.trim() }, "this Redis is old: 6.2 or newer is recommended");
      return `redis_version:${recommended}\r`;
    });
}

function advise(log: Pick<BaseLogger, "warn">, fields: object, text: string): void {
  if (advised.has(text)) return;
  advised.add(text);
  log.warn(fields, text);
}
