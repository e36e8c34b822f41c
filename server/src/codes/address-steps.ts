import type { Db } from "../engines/database/database.ts";
import type { KeyValue, Operation, Outcome, Share } from "../engines/kv/kv.ts";
import { limits } from "../kernel/limits.ts";
import { type CodeKeys, endCode } from "./code-keys.ts";
import { isCodeUsed } from "./used-codes.ts";

/**
 * What the store does for one request at one address: the flag, the sums, and the living code that the asker gets a share of.
 * Whatever it does with it, a request that fails takes back its own steps and nobody else's.
 */
export interface AddressSteps {
  readonly flag: Operation;
  readonly share: Share;
  readonly undo: (codeId: string) => Operation[];
}

export interface AddressAsker {
  /** Whose flag it is, and who asks. */
  readonly flag: string;
  readonly client: string;
  /** Of the code, if none lives. */
  readonly id: string;
}

/** The longest that a code lives however often it is asked for, in seconds; at least one life. */
export const codeSpanSeconds = 600;

/** Tries at one code of each that asked for it and each known device, and of all others together. */
export const triesPerCode = limits["code-tries-own"].most;

/** Of a budget, what strangers leave: two of five for the devices that logged in to the account before. */
export const strangersPart = (budget: number) => budget - Math.ceil((budget * 2) / 5);

export function addressSteps(
  keys: CodeKeys,
  { flag: whose, client, id }: AddressAsker,
  seconds: { readonly codeLifeSeconds: number; readonly sendIntervalSeconds: number },
): AddressSteps {
  const flag = keys.flag(whose);
  const holding = { key: keys.code, holdersKey: keys.askers, holder: client } as const;
  return {
    flag: { verb: "add", key: flag, value: "1", ttlSeconds: seconds.sendIntervalSeconds },
    share: {
      ...{ verb: "share", ...holding, value: id, ttlSeconds: seconds.codeLifeSeconds },
      spanSeconds: Math.max(codeSpanSeconds, seconds.codeLifeSeconds),
    },
    undo: (codeId) => [
      { verb: "delete", key: flag },
      { verb: "leave", ...holding, value: codeId },
    ],
  };
}

const dayOf = limits["address-day"].windowSeconds;
const hourOf = limits["address-hour"].windowSeconds;

/** The sums of an hour and a day as windows that begin with the first message: of mails, where nobody else counts. */
export function windowSteps(
  keys: CodeKeys,
  budgets: { readonly codesPerHour: number; readonly codesPerDay: number },
  isTrusted: boolean,
): { readonly count: Operation[]; readonly undo: Operation[] } {
  const mails = (budget: number) => (isTrusted ? budget : strangersPart(budget));
  return {
    count: [
      // The longer wait first: it is the one to be told.
      { verb: "increment", key: keys.day, limit: mails(budgets.codesPerDay), ttlSeconds: dayOf },
      { verb: "increment", key: keys.hour, limit: mails(budgets.codesPerHour), ttlSeconds: hourOf },
    ],
    undo: [
      { verb: "decrement", key: keys.day },
      { verb: "decrement", key: keys.hour },
    ],
  };
}

type Store = Pick<KeyValue, "get" | "batch">;

/**
 * A living code that is good for none of its askers is not sent again, a new one takes its place: one that was used
 * and could not be dropped, and one at which all of them have used up their tries.
 */
export async function replaceDead(
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
