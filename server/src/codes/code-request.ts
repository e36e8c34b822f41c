import type { Asker } from "../devices/asker.ts";
import type { Operation, Outcome, Share } from "../engines/kv/kv.ts";
import { createRateLimit } from "../engines/kv/rate-limit.ts";
import { AppError } from "../errors/errors.ts";
import { randomToken } from "../kernel/ids.ts";
import type { Language } from "../words/language.ts";
import type { createCodeClients } from "./code-client.ts";
import { type CodeKeys, type createCodeKeys, endCode } from "./code-keys.ts";
import { isCodeUsed } from "./used-codes.ts";
import type { Purpose, VerificationDeps } from "./verification.ts";

/**
 * Asking for a code. Promises: one message per address, client and interval, whatever the purpose (of SMS: per number
 * and purpose, channel.ts); while a code lives everybody is sent that one, so nobody's message is made worthless by
 * somebody else's request; an address gets a bounded number of messages, a part of which only its known devices can use
 * up. Each request is one atomic step of the store, and one that fails leaves nothing there.
 */
export interface CodeRequest {
  /** The address or the number. */
  readonly to: string;
  readonly purpose: Purpose;
  readonly language: Language;
  readonly asker: Asker;
  /** Asked for by staff, for the owner: has the known devices' part of the budget. */
  readonly isForOwner?: boolean;
}

/** The longest that a code lives however often it is asked for, in seconds; at least one life. */
export const codeSpanSeconds = 600;

/** Tries at one code of each that asked for it and each known device, and of all others together. */
export const triesPerCode = 5;

/** Of a budget, what strangers leave: two of five for the devices that logged in to the account before. */
const strangersPart = (budget: number) => budget - Math.ceil((budget * 2) / 5);

export interface CodeRequestDeps extends VerificationDeps {
  readonly clientOf: ReturnType<typeof createCodeClients>;
  readonly keysOf: ReturnType<typeof createCodeKeys>;
  /** As they were under earlier SECRET_KEYs: codes that were asked for then are still good. */
  readonly keysBefore: readonly ReturnType<typeof createCodeKeys>[];
}

interface Steps {
  /** Whose flag it is, and who asks. */
  readonly flag: string;
  readonly client: string;
  /** Of the code, if none lives. */
  readonly id: string;
  /** Whether the known devices' part of the budgets is theirs. */
  readonly isTrusted: boolean;
}

export function createCodeRequests(deps: CodeRequestDeps) {
  const { kv, channel } = deps;
  const limit = createRateLimit(kv);
  const spanSeconds = Math.max(codeSpanSeconds, deps.codeLifeSeconds);

  /** Whatever the store does with it, a request that fails takes back its own steps and nobody else's. */
  function stepsOf(keys: CodeKeys, { flag: whose, client, id, isTrusted }: Steps) {
    const mails = (budget: number) => (isTrusted ? budget : strangersPart(budget));
    const flag = keys.flag(whose);
    const count = [
      { verb: "add", key: flag, value: "1", ttlSeconds: deps.sendIntervalSeconds },
      // The longer wait first: it is the one to be told.
      { verb: "increment", key: keys.day, limit: mails(deps.codesPerDay), ttlSeconds: 86_400 },
      { verb: "increment", key: keys.hour, limit: mails(deps.codesPerHour), ttlSeconds: 3600 },
    ] as const;
    const holding = { key: keys.code, holdersKey: keys.askers, holder: client } as const;
    const share: Share = {
      ...{ verb: "share", ...holding, value: id },
      ...{ ttlSeconds: deps.codeLifeSeconds, spanSeconds },
    };
    const undo = (codeId: string): Operation[] => [
      { verb: "delete", key: flag },
      { verb: "decrement", key: keys.day },
      { verb: "decrement", key: keys.hour },
      { verb: "leave", ...holding, value: codeId },
    ];
    return { count, share, undo };
  }

  /**
   * A living code that is good for none of its askers is not sent again, a new one takes its place: one that was used
   * and could not be dropped, and one at which all of them have used up their tries.
   */
  async function replaceDead(keys: CodeKeys, share: Share, found: Outcome): Promise<Outcome> {
    const codeId = found.value!;
    if (codeId === share.value) return found;
    const askers = (await kv.get(keys.askers)) ?? "";
    const end = endCode(keys, codeId);
    if (await isCodeUsed(deps.db, codeId)) await kv.batch(end);
    else if (!(await isSpent(keys, codeId, askers))) return found;
    else {
      // Not where somebody asked meanwhile, who still has tries.
      const ended = await kv.batch([{ verb: "expect", key: keys.askers, value: askers }, ...end]);
      if (ended[0]!.refused && (await kv.get(keys.code)) === codeId) return found;
    }
    return (await kv.batch([share]))[0]!;
  }

  async function isSpent(keys: CodeKeys, codeId: string, askers: string): Promise<boolean> {
    const clients = [...new Set(askers.split(","))];
    const tries = await kv.batch(clients.map((one) => ({ verb: "get", key: keys.tries(codeId, one) })));
    return tries.every(({ value }) => Number(value) >= triesPerCode);
  }

  async function takeBack(undo: readonly Operation[], network: string | null): Promise<void> {
    try {
      await kv.batch(undo);
      if (network !== null) await limit.giveBackAll(channel.perNetwork, network);
    } catch (error) {
      deps.log.warn({ err: error }, "could not undo the counts of a code that was not queued");
    }
  }

  /**
   * Queues the message; returns the seconds until this client may ask for the next. Errors: the channel's `tooFrequent`
   * (with the seconds to wait) within the interval and past the address's budgets, `throttled`, what the channel refuses
   * to send, `unavailable` when the store or the queue can't be reached: in the last two no code, flag or count is left
   * behind, and an earlier code stays.
   */
  return async (input: CodeRequest): Promise<{ retryAfterSeconds: number }> => {
    const { to, purpose, language, isForOwner = false } = input;
    const client = await orUnavailable(deps.clientOf(to, input.asker));
    const network = client.isKnown ? null : client.network;
    if (network !== null) await orUnavailable(limit.countAll(channel.perNetwork, network));
    const keys = deps.keysOf(to, purpose);
    const id = randomToken(16);
    const { count, share, undo } = stepsOf(keys, {
      ...{ flag: channel.flagOf(client, purpose), client: client.id, id },
      isTrusted: client.isKnown || isForOwner,
    });
    const outcomes = await orUnavailable(kv.batch([...count, share]));
    const refusal = outcomes.find(({ refused }) => refused);
    if (refusal) {
      throw new AppError(channel.errors.tooFrequent, { retryAfterSeconds: refusal.retryAfterSeconds });
    }
    const shared = outcomes.at(-1)!;
    let codeId = shared.value!;
    try {
      const { value, lifeMillis } = await replaceDead(keys, share, shared);
      codeId = value!;
      await channel.send({ codeId, to, purpose, language, lifeMillis });
    } catch (cause) {
      await takeBack(undo(codeId), network);
      throw cause instanceof AppError && cause.code !== "unavailable" ? cause : unavailable(cause);
    }
    return { retryAfterSeconds: deps.sendIntervalSeconds };
  };
}

function unavailable(cause: unknown): AppError {
  return new AppError("unavailable", { cause, retryAfterSeconds: 5 });
}

/** Whatever keeps the store from answering, the person may try again: nothing was sent. */
async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof AppError ? error : unavailable(error);
  }
}
