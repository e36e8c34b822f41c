import { AppError } from "../../errors/errors.ts";
import { randomToken } from "../../kernel/ids.ts";
import type { KeyValue } from "./kv.ts";

/**
 * Tries what requests need: a write and its reading, in one atomic batch, so on Redis by a script. A PING is answered by
 * a Redis that is full, or a replica that takes no writes, while every code request is refused.
 */
export async function probeKeys(batch: KeyValue["batch"], keys: readonly string[]): Promise<void> {
  await Promise.all(
    keys.map(async (key) => {
      const value = randomToken();
      const outcomes = await batch([
        { verb: "set", key, value, ttlSeconds: 60 },
        { verb: "get", key },
      ]);
      if (outcomes[1]?.value !== value) throw new AppError("unavailable", { retryAfterSeconds: 2 });
    }),
  );
}
