import type { BaseLogger } from "pino";
import { type KeyValue, key } from "./kv.ts";

/**
 * Counts an event over the whole site and warns once a window, whichever process counts it, when there are more than
 * usual: guesses spread thinly over many accounts and networks stay below each one's limits and show only here.
 */
export interface AlarmRule {
  /** The log line's `alarm`, for whoever watches for it; in English, with underscores. */
  readonly name: string;
  readonly message: string;
  /** How many within the window raise it. */
  readonly limit: number;
  readonly windowSeconds: number;
}

export interface Alarm {
  /** Never rejects: a missing count must not keep anybody out. */
  count(): Promise<void>;
}

export function createAlarm(
  { kv, log }: { kv: KeyValue; log: Pick<BaseLogger, "warn" | "debug"> },
  { name, message, limit: threshold, windowSeconds }: AlarmRule,
): Alarm {
  const counter = key("limit", "everybody", name);
  return {
    async count() {
      try {
        const { refused, count } = await kv.increment(counter, {
          limit: threshold,
          ttlSeconds: windowSeconds,
        });
        // Exactly one caller is given the last number, and those after it are refused.
        if (!refused && count === threshold) log.warn({ alarm: name, count, windowSeconds }, message);
      } catch (error) {
        log.debug({ err: error, alarm: name }, "an event was not counted for its alarm");
      }
    },
  };
}

/**
 * Says a line of the log once an hour, whichever process comes first, whatever it counts. `name`: what is said, and of what, where it
 * is said of several.
 */
export async function warnOnceAnHour(
  { kv, log }: { kv: Pick<KeyValue, "add">; log: Pick<BaseLogger, "warn"> },
  name: string,
  line: { readonly alarm: string; readonly [fact: string]: unknown },
  message: string,
): Promise<void> {
  const said = await kv.add(key("once", "everybody", name), "1", 3600);
  if (!said.refused) log.warn(line, message);
}
