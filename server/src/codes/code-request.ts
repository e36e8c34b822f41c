import type { ShownCaptcha } from "../captcha/captcha-gate.ts";
import type { Asker } from "../devices/asker.ts";
import type { Db } from "../engines/database/database.ts";
import type { KeyValue, Operation, Outcome, Share } from "../engines/kv/kv.ts";
import { widerRules } from "../engines/kv/network-limit.ts";
import { createRateLimit } from "../engines/kv/rate-limit.ts";
import { AppError } from "../errors/errors.ts";
import { randomToken } from "../kernel/ids.ts";
import { limits } from "../kernel/limits.ts";
import type { Language } from "../words/language.ts";
import type { CodeToSend } from "./channel.ts";
import type { createCodeClients } from "./code-client.ts";
import { type CodeKeys, type createCodeKeys, endCode } from "./code-keys.ts";
import { isCodeUsed } from "./used-codes.ts";
import type { Purpose, VerificationDeps } from "./verification.ts";

/**
 * Asking for a code. Promises: one message per address, client and interval, whatever the purpose (of SMS: per number
 * and purpose, channel.ts); while a code lives everybody is sent that one, so nobody's message is made worthless by
 * somebody else's request; an address gets a bounded number of messages, a part of which only its known devices can use
 * up. A request that fails leaves nothing behind.
 *
 * Where store and queue are in SQLite all of it is one transaction, for a commit costs as much as several statements. Else
 * the network's count and the address's go out together, and then the message: two round trips.
 */
export interface CodeRequest {
  /** The address or the number. */
  readonly to: string;
  readonly purpose: Purpose;
  readonly language: Language;
  readonly asker: Asker;
  /** What the client shows of a captcha; `answered` where the caller has seen to it, as by a picture code. Default: it can't. */
  readonly captcha?: ShownCaptcha | "answered";
  /** Asked for by staff, for the owner: has the known devices' part of the budget. */
  readonly isForOwner?: boolean;
}

/** The longest that a code lives however often it is asked for, in seconds; at least one life. */
export const codeSpanSeconds = 600;

/** Tries at one code of each that asked for it and each known device, and of all others together. */
export const triesPerCode = limits["code-tries-own"].most;

const dayOf = limits["address-day"].windowSeconds;
const hourOf = limits["address-hour"].windowSeconds;

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

interface Asked {
  readonly keys: CodeKeys;
  /** Null for who isn't counted by it. */
  readonly network: string | null;
  readonly steps: StepsOfRequest;
  readonly code: Pick<CodeToSend, "to" | "purpose" | "language" | "hasAccount">;
}

interface StepsOfRequest {
  readonly count: readonly Operation[];
  readonly share: Share;
  readonly undo: (codeId: string) => Operation[];
}

type Store = Pick<KeyValue, "get" | "batch">;

/** Of networks that asked too often. */
const mostRemembered = 1000;

export function createCodeRequests(deps: CodeRequestDeps) {
  const { kv, channel } = deps;
  const limit = createRateLimit(kv);
  const spanSeconds = Math.max(codeSpanSeconds, deps.codeLifeSeconds);

  /** Whatever the store does with it, a request that fails takes back its own steps and nobody else's. */
  function stepsOf(keys: CodeKeys, { flag: whose, client, id, isTrusted }: Steps): StepsOfRequest {
    const mails = (budget: number) => (isTrusted ? budget : strangersPart(budget));
    const flag = keys.flag(whose);
    const count = [
      { verb: "add", key: flag, value: "1", ttlSeconds: deps.sendIntervalSeconds },
      // The longer wait first: it is the one to be told.
      { verb: "increment", key: keys.day, limit: mails(deps.codesPerDay), ttlSeconds: dayOf },
      { verb: "increment", key: keys.hour, limit: mails(deps.codesPerHour), ttlSeconds: hourOf },
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
  async function replaceDead(
    { store, db }: { store: Store; db: Db },
    keys: CodeKeys,
    share: Share,
    found: Outcome,
  ): Promise<Outcome> {
    const codeId = found.value!;
    if (codeId === share.value) return found;
    const askers = (await store.get(keys.askers)) ?? "";
    const end = endCode(keys, codeId);
    if (await isCodeUsed(db, codeId)) await store.batch(end);
    else if (!(await isSpent(store, keys, codeId, askers))) return found;
    else {
      // Not where somebody asked meanwhile, who still has tries.
      const ended = await store.batch([{ verb: "expect", key: keys.askers, value: askers }, ...end]);
      if (ended[0]!.refused && (await store.get(keys.code)) === codeId) return found;
    }
    return (await store.batch([share]))[0]!;
  }

  async function isSpent(store: Store, keys: CodeKeys, codeId: string, askers: string): Promise<boolean> {
    const clients = [...new Set(askers.split(","))];
    const tries = await store.batch(clients.map((one) => ({ verb: "get", key: keys.tries(codeId, one) })));
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

  /** All of it in one commit. A refusal by the address's counts undoes the network's, which counts every try. */
  async function sendInOne(asked: Asked): Promise<void> {
    const { keys, network, steps, code } = asked;
    let refusal: Outcome | undefined;
    try {
      await deps.db.transaction(async (transaction) => {
        const store = kv.within!(transaction);
        if (network !== null) await createRateLimit(store).countAll(channel.perNetwork, network);
        const outcomes = await store.batch([...steps.count, steps.share]);
        refusal = outcomes.find(({ refused }) => refused);
        if (refusal) throw tooFrequent(refusal);
        const shared = outcomes.at(-1)!;
        const { value, lifeMillis } = await replaceDead(
          { store, db: transaction },
          keys,
          steps.share,
          shared,
        );
        await channel.sendWithin!(transaction, { ...code, codeId: value!, lifeMillis });
      });
    } catch (error) {
      if (refusal && network !== null) await limit.countAll(channel.perNetwork, network);
      throw error;
    }
  }

  /** The counts of network and address together, as they are in different places; then the message. */
  async function sendInTwo({ keys, network, steps, code }: Asked): Promise<void> {
    const counted = network === null ? null : countNetwork(network);
    // Who is refused anyway costs one step.
    if (network !== null && isFull(network)) await counted;
    const [ofNetwork, ofAddress] = await Promise.allSettled([
      counted,
      kv.batch([...steps.count, steps.share]),
    ]);
    if (ofAddress.status === "rejected") throw ofAddress.reason;
    const refusal = ofAddress.value.find(({ refused }) => refused);
    const shared = ofAddress.value.at(-1)!;
    if (ofNetwork.status === "rejected") {
      if (!refusal) await takeBack(steps.undo(shared.value!), null);
      throw ofNetwork.reason;
    }
    if (refusal) throw tooFrequent(refusal);
    let codeId = shared.value!;
    try {
      const { value, lifeMillis } = await replaceDead({ store: kv, db: deps.db }, keys, steps.share, shared);
      codeId = value!;
      await channel.send({ ...code, codeId, lifeMillis });
    } catch (cause) {
      await takeBack(steps.undo(codeId), network);
      throw cause instanceof AppError && cause.code !== "unavailable" ? cause : unavailable(cause);
    }
  }

  /** Networks that were refused, until when: epoch milliseconds. */
  const full = new Map<string, number>();
  const isFull = (network: string) => (full.get(network) ?? 0) > deps.clock.now();

  async function countNetwork(network: string): Promise<void> {
    try {
      await limit.countAll(channel.perNetwork, network);
    } catch (error) {
      if (error instanceof AppError && error.code === "throttled") {
        if (full.size >= mostRemembered) full.delete(full.keys().next().value!);
        full.set(network, deps.clock.now() + (error.retryAfterSeconds ?? 0) * 1000);
      }
      throw error;
    }
  }

  const perWider = widerRules(channel.perNetwork, deps.widerNetworkFactor);

  async function giveBackWider(wider: string | null): Promise<void> {
    if (wider === null) return;
    await limit.giveBackAll(perWider, wider).catch((error: unknown) => {
      deps.log.debug({ err: error }, "a code that was not sent stays counted for its /48");
    });
  }

  const tooFrequent = ({ retryAfterSeconds }: Outcome) =>
    new AppError(channel.errors.tooFrequent, { retryAfterSeconds });

  /**
   * Queues the message; returns the seconds until this client may ask for the next. Errors: the channel's `tooFrequent`
   * (with the seconds to wait) within the interval and past the address's budgets, `throttled`, what the channel refuses
   * to send, `unavailable` when the store or the queue can't be reached: in the last two no code, flag or count is left
   * behind, and an earlier code stays.
   */
  return async (input: CodeRequest): Promise<{ retryAfterSeconds: number }> => {
    const { to, purpose, language, isForOwner = false } = input;
    const client = await orUnavailable(deps.clientOf(to, input.asker));
    const keys = deps.keysOf(to, purpose);
    const steps = stepsOf(keys, {
      ...{ flag: channel.flagOf(client, purpose), client: client.id, id: randomToken(16) },
      isTrusted: client.isKnown || isForOwner,
    });
    const network = client.isKnown ? null : client.network;
    const code = { to, purpose, language, hasAccount: client.hasAccount };
    const asked = { keys, network, steps, code };
    const wider = client.isKnown ? null : client.wider;
    if (!client.isKnown) {
      const { captcha = cannotAnswer } = input;
      await orUnavailable(channel.guard?.({ to, purpose, client, captcha }) ?? Promise.resolve());
    }
    if (wider !== null) await orUnavailable(limit.countAll(perWider, wider));
    const isInOne = kv.within !== undefined && channel.sendWithin !== undefined;
    try {
      await orUnavailable(isInOne ? sendInOne(asked) : sendInTwo(asked));
    } catch (error) {
      // What was sent counts alone: one network past its limit fills nothing of its neighbours'.
      await giveBackWider(wider);
      throw error;
    }
    return { retryAfterSeconds: deps.sendIntervalSeconds };
  };
}

const cannotAnswer: ShownCaptcha = { kinds: [], token: null, handle: null, clientAddress: "" };

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
