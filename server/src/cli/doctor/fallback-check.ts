import { existsSync } from "node:fs";
import { openDatabase } from "../../app/engines.ts";
import type { Config } from "../../config/config.ts";
import type { Clock } from "../../kernel/clock.ts";
import { type Diagnosis, ok, warn } from "./diagnosis.ts";
import { type FallbackState, fallbackState } from "./fallback-state.ts";

/**
 * Whether SECRET_KEY_FALLBACKS is still needed, or something waits for `keys reencrypt`. Prints nothing where it is not set,
 * nor where the database doesn't answer, which another check reports.
 */
export async function checkFallbacks(
  config: Config & { readonly secretKey: string },
  clock: Clock,
): Promise<Diagnosis[]> {
  if (config.secretKeyFallbacks.length === 0) return [];
  if (config.database.engine === "sqlite" && !existsSync(config.database.file)) return [];
  try {
    const db = openDatabase(config);
    const state = await fallbackState(db, config).finally(() => db.close());
    return [judge(state, clock.now())];
  } catch {
    return [];
  }
}

function judge({ held, neededUntil }: FallbackState, now: number): Diagnosis {
  if (held > 0 || neededUntil === null) {
    return warn(
      "fallbacks",
      `SECRET_KEY_FALLBACKS 仍保护着 ${held} 个值：所有进程都用上新的 SECRET_KEY 后，请执行 keys reencrypt。`,
      `SECRET_KEY_FALLBACKS still holds ${held} values: when every process has the new SECRET_KEY, run keys reencrypt.`,
    );
  }
  const day = new Date(neededUntil).toISOString();
  if (now < neededUntil) {
    return ok(
      "fallbacks",
      `SECRET_KEY_FALLBACKS 在 ${day} 之前仍需保留，之后可以去掉。`,
      `SECRET_KEY_FALLBACKS is needed until ${day} and can be removed then.`,
    );
  }
  return warn(
    "fallbacks",
    "SECRET_KEY_FALLBACKS 已不再需要：请去掉，否则知道旧密钥的人签发的仍会被接受。",
    "Nothing needs SECRET_KEY_FALLBACKS any more: remove it, or what somebody signs with the old key is still taken.",
  );
}
