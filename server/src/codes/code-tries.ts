import type { Asker } from "../devices/asker.ts";
import { createAlarm } from "../engines/kv/alarm.ts";
import type { Operation } from "../engines/kv/kv.ts";
import { createNetworkLimit } from "../engines/kv/network-limit.ts";
import { AppError } from "../errors/errors.ts";
import { constantTimeAny } from "../kernel/constant-time.ts";
import { limitRule, limits } from "../kernel/limits.ts";
import { codeSpanSeconds, triesPerCode } from "./address-steps.ts";
import { normalizeCode } from "./code.ts";
import type { CodeClient } from "./code-client.ts";
import type { CodeKeys } from "./code-keys.ts";
import type { CodeRequestDeps } from "./code-request.ts";
import type { Proof, Purpose } from "./verification.ts";

/**
 * Typing a code. Promises: each try is counted in one atomic step before it is compared, and given back only where a
 * right one came to nothing without costing the server a hash (`orGiveBack` in verification.ts). Each
 * client that asked for the code, and each device that its account knows, has five tries that nobody else can use up;
 * all others have five together, and twenty a day at the address's codes. Asking again brings no further tries at the
 * same code, and how many may ask is bounded by the address's budget, so the guesses at one code are (docs/threats.md
 * has the number). Attacks: guessing within the code's life; using up the owner's tries. Guards: code-budgets.test.ts,
 * code-tries.race.test.ts.
 */
export const strangersTriesPerDay = limits["code-guesses"].most;

export function createCodeTries(deps: CodeRequestDeps) {
  const { kv } = deps;
  const limit = createNetworkLimit(kv, deps.widerNetworkFactor);
  const { errors, triesPerNetwork } = deps.channel;
  const perNetwork = [triesPerNetwork];
  const ttlSeconds = Math.max(codeSpanSeconds, deps.codeLifeSeconds);
  const alarm = createAlarm(deps, {
    ...limitRule("wrong_codes", deps.wrongCodeAlarm),
    message: "many wrong verification codes within an hour",
  });

  const triesOf = (
    keys: CodeKeys,
    codeId: string,
    client: string,
    limit: number = triesPerCode,
  ): Operation => ({
    ...{ verb: "increment", key: keys.tries(codeId, client) },
    ...{ limit, ttlSeconds },
  });

  /** What counts this client's try. */
  function countsOf(keys: CodeKeys, codeId: string, client: string, isOwn: boolean): Operation[] {
    if (isOwn) return [triesOf(keys, codeId, client)];
    return [
      triesOf(keys, codeId, "others", limits["code-tries-others"].most),
      {
        verb: "increment",
        key: keys.guesses,
        limit: strangersTriesPerDay,
        ttlSeconds: limits["code-guesses"].windowSeconds,
      },
    ];
  }

  /** The living code, the client as it asked, and what counts; under the present SECRET_KEY or an earlier one. */
  async function find(purpose: Purpose, to: string, { id, idsBefore }: CodeClient) {
    const ids = [id, ...idsBefore];
    for (const [at, keysOf] of [deps.keysOf, ...deps.keysBefore].entries()) {
      const keys = keysOf(to, purpose);
      const [code, asked] = await kv.batch([
        { verb: "get", key: keys.code },
        { verb: "get", key: keys.askers },
      ]);
      if (code!.value === null) continue;
      return { keys, codeId: code!.value, id: ids[at]!, askers: (asked!.value ?? "").split(",") };
    }
    return null;
  }

  /**
   * Errors, by the channel's names: `wrong`; `expired` also for one that was never sent, was used, or was tried too often;
   * `throttled` for a network (of IPv6 also a /48) with too many wrong tries, at whosever codes.
   */
  return async (purpose: Purpose, to: string, typed: string, asker: Asker): Promise<Proof> => {
    const client = await deps.clientOf(to, asker);
    if (!client.isKnown) await limit.countAll(perNetwork, client);
    const found = await find(purpose, to, client);
    if (found === null) throw new AppError(errors.expired);
    const { keys, codeId, id } = found;
    const isOwn = client.isKnown || found.askers.includes(id);
    const counts = countsOf(keys, codeId, id, isOwn);
    if ((await kv.batch(counts)).some(({ refused }) => refused)) throw new AppError(errors.expired);
    if (!constantTimeAny(normalizeCode(typed), deps.codeOf.all(codeId, purpose, to))) {
      await alarm.count();
      throw new AppError(errors.wrong);
    }
    // The network's limit is one on wrong tries; a right one takes back itself alone.
    if (!client.isKnown) await limit.giveBackAll(perNetwork, client);
    return { codeId, purpose, to, countedBy: counts.map(({ key }) => key) };
  };
}
