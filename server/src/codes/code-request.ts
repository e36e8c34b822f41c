import type { CaptchaPass, ShownCaptcha } from "../captcha/captcha-gate.ts";
import type { Asker } from "../devices/asker.ts";
import type { KeyValue, Outcome } from "../engines/kv/kv.ts";
import { widerRules } from "../engines/kv/network-limit.ts";
import { createRateLimit, type RateLimitRule } from "../engines/kv/rate-limit.ts";
import { AppError } from "../errors/errors.ts";
import { randomToken } from "../kernel/ids.ts";
import type { Language } from "../words/language.ts";
import { type AddressSteps, addressSteps, replaceDead, windowSteps } from "./address-steps.ts";
import { CaptchaDue, type CodeToSend, type CountedSubjects, type Counting } from "./channel.ts";
import type { CodeClient, createCodeClients } from "./code-client.ts";
import type { CodeKeys, createCodeKeys } from "./code-keys.ts";
import { takeAll } from "./counts.ts";
import type { Purpose, VerificationDeps } from "./verification.ts";

/**
 * Asking for a code. Promises: one message per address, client and interval, whatever the purpose (of SMS: per number
 * and purpose, channel.ts); while a code lives everybody is sent that one, so nobody's message is made worthless by
 * somebody else's request; an address gets a bounded number of messages, a part of which only its known devices can use
 * up. A request that fails or is refused leaves everything as it was: counts, flag, code, and the captcha that was shown
 * (guards: code-store-away.test.ts, sms-faults.test.ts, captcha.test.ts). Whether a captcha is due is decided by the count itself, and by
 * nothing read before it (guard: sms.race.test.ts).
 *
 * Where store and queue are in SQLite all of a mail is one transaction, for a commit costs as much as several statements. Else
 * the network's count and the address's go out together, and then the message: two round trips. Of an SMS more is counted, and
 * the address comes after it: who is to show a captcha doesn't hold its flag.
 */
export interface CodeRequest {
  /** The address or the number. */
  readonly to: string;
  readonly purpose: Purpose;
  readonly language: Language;
  readonly asker: Asker;
  /**
   * What the client shows of a captcha; where the caller has seen to it, `answered` (as by a picture code) or what it may give
   * back. Default: it can't.
   */
  readonly captcha?: ShownCaptcha | CaptchaPass | "answered";
  /**
   * The account that is logged in, or for whose owner it is asked: what is kept of the message goes with it, whoever's the
   * address is.
   */
  readonly account?: number | undefined;
  /** Asked for by staff, for the owner: has the known devices' part of the budget. */
  readonly isForOwner?: boolean;
}

export interface CodeRequestDeps extends VerificationDeps {
  readonly clientOf: ReturnType<typeof createCodeClients>;
  readonly keysOf: ReturnType<typeof createCodeKeys>;
  /** As they were under earlier SECRET_KEYs: codes that were asked for then are still good. */
  readonly keysBefore: readonly ReturnType<typeof createCodeKeys>[];
}

interface Asked {
  readonly keys: CodeKeys;
  readonly client: CodeClient;
  readonly subjects: CountedSubjects;
  /** What the network is counted by: less where a captcha is due past it. */
  readonly rules: readonly RateLimitRule[];
  readonly steps: AddressSteps;
  readonly isTrusted: boolean;
  readonly isPassed: boolean;
  readonly code: Pick<CodeToSend, "to" | "purpose" | "language" | "hasAccount" | "askedBy">;
}

/** Of networks that asked too often. */
const mostRemembered = 1000;
/** Each refusal means that somebody else was there: so many at once have long met the address's sums. */
const attempts = 50;

export function createCodeRequests(deps: CodeRequestDeps) {
  const { kv, db, channel, log } = deps;
  const limit = createRateLimit(kv);
  const perWider = widerRules(channel.perNetwork, deps.widerNetworkFactor);

  async function takeBack(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      log.warn({ err: error }, "could not undo the counts of a code that was not queued");
    }
  }

  /** Networks that were refused, until when: epoch milliseconds. */
  const full = new Map<string, number>();
  const isFull = (network: string) => (full.get(network) ?? 0) > deps.clock.now();

  /** Errors: CaptchaDue past what is free, `throttled` past the limit. */
  async function countNetwork(store: Pick<KeyValue, "get" | "batch">, { subjects, rules }: Asked) {
    const { network } = subjects;
    if (network === null) return;
    const refused = await createRateLimit(store).tryAll(rules, network);
    if (refused === null) return;
    if (!channel.perNetwork.includes(refused.rule)) throw new CaptchaDue();
    const { retryAfterSeconds } = refused;
    if (full.size >= mostRemembered) full.delete(full.keys().next().value!);
    full.set(network, deps.clock.now() + retryAfterSeconds * 1000);
    throw new AppError("throttled", { retryAfterSeconds });
  }
  const giveBackNetwork = async ({ network }: CountedSubjects) => {
    if (network !== null) await limit.giveBackAll(channel.perNetwork, network);
  };

  const tooFrequent = ({ retryAfterSeconds }: Outcome) =>
    new AppError(channel.errors.tooFrequent, { retryAfterSeconds });

  /** A mail: all of it in one commit. */
  async function sendInOne(asked: Asked): Promise<void> {
    const { keys, steps, code } = asked;
    await db.transaction(async (transaction) => {
      const store = kv.within!(transaction);
      await countNetwork(store, asked);
      const sums = windowSteps(keys, deps, asked.isTrusted);
      const outcomes = await store.batch([steps.flag, ...sums.count, steps.share]);
      const refusal = outcomes.find(({ refused }) => refused);
      if (refusal) throw tooFrequent(refusal);
      const found = outcomes.at(-1)!;
      const { value, lifeMillis } = await replaceDead({ store, db: transaction }, keys, steps.share, found);
      await channel.send!({ ...code, codeId: value!, lifeMillis }, transaction);
    });
  }

  /** A mail: the counts of network and address together, as they are in different places; then the message. */
  async function sendInTwo(asked: Asked): Promise<void> {
    const { keys, steps, code, subjects } = asked;
    const sums = windowSteps(keys, deps, asked.isTrusted);
    const counted = countNetwork(kv, asked);
    // Who is refused anyway costs one step.
    if (subjects.network !== null && isFull(subjects.network)) await counted;
    const [ofNetwork, ofAddress] = await Promise.allSettled([
      counted,
      kv.batch([steps.flag, ...sums.count, steps.share]),
    ]);
    const outcomes = ofAddress.status === "fulfilled" ? ofAddress.value : [];
    const refusal = outcomes.find(({ refused }) => refused);
    const undo = (codeId: string) => takeBack(() => kv.batch([...steps.undo(codeId), ...sums.undo]));
    if (ofNetwork.status === "rejected") {
      if (outcomes.length > 0 && !refusal) await undo(outcomes.at(-1)!.value!);
      throw ofNetwork.reason;
    }
    if (ofAddress.status === "rejected" || refusal) {
      await takeBack(() => giveBackNetwork(subjects));
      throw ofAddress.status === "rejected" ? ofAddress.reason : tooFrequent(refusal!);
    }
    const shared = outcomes.at(-1)!;
    let codeId = shared.value!;
    try {
      const { value, lifeMillis } = await replaceDead({ store: kv, db }, keys, steps.share, shared);
      codeId = value!;
      await channel.send!({ ...code, codeId, lifeMillis });
    } catch (cause) {
      await undo(codeId);
      await takeBack(() => giveBackNetwork(subjects));
      throw cause;
    }
  }

  /** The address's step; tried again where somebody else was there first. */
  async function takeAddress({ steps }: Asked, counting: Counting): Promise<Outcome> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const outcomes = await kv.batch([steps.flag, ...counting.steps(), steps.share]);
      const at = outcomes.findIndex(({ refused }) => refused);
      if (at === -1) return outcomes.at(-1)!;
      if (at === 0) throw tooFrequent(outcomes[0]!);
      const refusal = await counting.refusal(at - 1, outcomes[at]!.retryAfterSeconds);
      if (refusal !== null) throw refusal;
    }
    throw new AppError("unavailable", { retryAfterSeconds: 5 });
  }

  /** An SMS: the counts of network, account and site together, then the number's, then the message. */
  async function sendCounted(asked: Asked, counting: Counting): Promise<void> {
    const { keys, steps, code, subjects } = asked;
    const { account } = subjects;
    const network = {
      take: () => countNetwork(kv, asked),
      giveBack: () => takeBack(() => giveBackNetwork(subjects)),
    };
    const perAccount = channel.perAccount!;
    const ofAccount = account !== null && {
      take: () => limit.count(perAccount, account),
      giveBack: () => takeBack(() => limit.giveBack(perAccount, account)),
    };
    const counts = [network, ...(ofAccount ? [ofAccount] : []), ...counting.counts];
    await takeAll(counts, async () => {
      const shared = await takeAddress(asked, counting);
      let codeId = shared.value!;
      try {
        const { value, lifeMillis } = await replaceDead({ store: kv, db }, keys, steps.share, shared);
        codeId = value!;
        await counting.send({ ...code, codeId, lifeMillis }, subjects);
      } catch (cause) {
        await takeBack(() => kv.batch(steps.undo(codeId)));
        await counting.giveBackSteps();
        throw cause;
      }
    });
  }

  async function send(asked: Asked): Promise<void> {
    const { wider } = asked.subjects;
    const { code, keys, client, isTrusted, isPassed } = asked;
    if (wider !== null) await limit.countAll(perWider, wider);
    try {
      if (channel.counting) {
        await sendCounted(asked, channel.counting({ ...code, keys, client, isTrusted, isPassed }));
      } else await (kv.within === undefined ? sendInTwo(asked) : sendInOne(asked));
    } catch (error) {
      // What was sent counts alone: one network past its limit fills nothing of its neighbours'.
      if (wider !== null) await takeBack(() => limit.giveBackAll(perWider, wider));
      throw error;
    }
  }

  const askedOf = (input: CodeRequest, client: CodeClient, isPassed: boolean): Asked => {
    const { to, purpose, language, account, isForOwner = false } = input;
    const { isKnown, hasAccount, network, wider } = client;
    const keys = deps.keysOf(to, purpose);
    const flag = channel.flagOf(client, purpose);
    return {
      ...{ keys, client, isPassed, isTrusted: isKnown || isForOwner },
      code: { to, purpose, language, hasAccount, askedBy: account },
      subjects: isKnown
        ? { network: null, wider: null, account: null }
        : { network, wider, account: account === undefined ? null : `account-${account}` },
      rules: (isPassed ? null : channel.captcha!.free(purpose)) ?? channel.perNetwork,
      steps: addressSteps(keys, { flag, client: client.id, id: randomToken(16) }, deps),
    };
  };

  /**
   * Queues the message; returns the seconds until this client may ask for the next. Errors: the channel's `tooFrequent`
   * (with the seconds to wait) within the interval and past the address's budgets, `throttled`, those of the captcha's gate,
   * what the channel refuses to send, `unavailable` when the store or the queue can't be reached: in all of them no code,
   * flag or count is left behind, and an earlier code stays.
   */
  return async (input: CodeRequest): Promise<{ retryAfterSeconds: number }> => {
    const { to, purpose, captcha = cannotAnswer } = input;
    const client = await orUnavailable(deps.clientOf(to, input.asker));
    let pass = typeof captcha === "object" && "giveBack" in captcha ? captcha : null;
    const isNever = (channel.captcha?.free(purpose) ?? null) === null;
    let isPassed = client.isKnown || isNever || pass !== null || captcha === "answered";
    async function show(): Promise<void> {
      pass = await channel.captcha!.expect({ to, purpose, client, captcha: captcha as ShownCaptcha });
      isPassed = true;
    }
    async function request(): Promise<void> {
      if (!isPassed && (await channel.captcha!.isDue?.(to))) await show();
      try {
        await send(askedOf(input, client, isPassed));
      } catch (error) {
        if (!(error instanceof CaptchaDue) || isPassed) throw error;
        await show();
        await send(askedOf(input, client, isPassed));
      }
    }
    try {
      await orUnavailable(request());
    } catch (error) {
      if (pass !== null) await takeBack(pass.giveBack);
      throw error;
    }
    return { retryAfterSeconds: deps.sendIntervalSeconds };
  };
}

const cannotAnswer: ShownCaptcha = { kinds: [], token: null, handle: null, clientAddress: "" };

/** Whatever keeps the store from answering, the person may try again: nothing was sent. */
async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw cause instanceof AppError ? cause : new AppError("unavailable", { cause, retryAfterSeconds: 5 });
  }
}
