import type { User } from "../accounts/record.ts";
import { insertUsedCode } from "../codes/used-codes.ts";
import type { Db } from "../engines/database/database.ts";
import { type KeyValue, key } from "../engines/kv/kv.ts";
import { AppError } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import { secretDigest } from "../kernel/digest.ts";
import { randomToken } from "../kernel/ids.ts";
import { deriveKeys, hmac, type SecretKeys } from "../kernel/keys.ts";

/**
 * The two things that a browser carries between its two log-ins. An offer: the account that stays says that it takes another in. A
 * ticket: the other account's owner says that it goes into that one. Promises: each is good for ten minutes, under the credentials of
 * then, and the store has its digest alone; a ticket names both accounts, so that a stolen one serves nobody but the account that made
 * the offer, and it is used up in the transaction of the join. Attacks: a page that has somebody's other account go into the thief's, or
 * the thief's into theirs; a ticket that was stolen, or used twice at once. Guards: joining-attacks.test.ts, joining.race.test.ts.
 */
const lifeSeconds = 600;
const form = /^[A-Za-z0-9_-]{43}$/;

type Account = Pick<User, "id" | "credentials_version">;

/** The account that goes, as its owner was judged by (expect-leaver.ts). */
export type Leaver = Pick<User, "id" | "credentials_version" | "proved_mobile" | "second_factor_at">;

/**
 * What more would have been asked for, had it been there. Attack: numbers are few, and whoever reads the store tries them all against a
 * digest without a key (guard: join-tickets.test.ts).
 */
const judgedBy = (key: Buffer, { proved_mobile, second_factor_at }: Leaver): string =>
  hmac(key, JSON.stringify([proved_mobile, second_factor_at])).toString("base64url");

interface Offer {
  readonly keptId: number;
  readonly keptVersion: number;
}

export interface JoinTicket extends Offer {
  readonly joinedId: number;
  readonly joinedVersion: number;
  readonly judged: string;
  /** Its digest. */
  readonly id: string;
}

export type JoinTickets = ReturnType<typeof createJoinTickets>;

interface JoinTicketsDeps {
  readonly kv: KeyValue;
  readonly clock: Clock;
  readonly secretKeys: SecretKeys;
}

export function createJoinTickets({ kv, clock, secretKeys }: JoinTicketsDeps) {
  const keys = deriveKeys(secretKeys, "join ticket");
  const keyOf = (id: string, kind: "offer" | "join") => key("once", id, kind);

  async function issue(kind: "offer" | "join", content: object): Promise<string> {
    const token = randomToken(32);
    await kv.set(keyOf(secretDigest(token), kind), JSON.stringify(content), lifeSeconds);
    return token;
  }

  return {
    lifeSeconds,

    /** Of the account that stays. */
    offer: ({ id, credentials_version }: Account): Promise<string> =>
      issue("offer", { keptId: id, keptVersion: credentials_version } satisfies Offer),

    /** Of the account that goes into the one that offered. Errors: `joining_offer_invalid`, `joining_same_account`. */
    async ticket(
      offer: string,
      leaver: Leaver,
    ): Promise<{ readonly ticket: string; readonly keptId: number }> {
      const { id, credentials_version } = leaver;
      const stored = form.test(offer) ? await kv.get(keyOf(secretDigest(offer), "offer")) : null;
      if (stored === null) throw new AppError("joining_offer_invalid");
      const { keptId, keptVersion } = JSON.parse(stored) as Offer;
      if (keptId === id) throw new AppError("joining_same_account");
      const joined = { joinedId: id, joinedVersion: credentials_version, judged: judgedBy(keys[0], leaver) };
      const content = { keptId, keptVersion, ...joined };
      return { ticket: await issue("join", content satisfies Omit<JoinTicket, "id">), keptId };
    },

    /** Without using it up. Error: `joining_ticket_invalid` for one that is not for this account, as it is now. */
    async check(ticket: string, kept: Account): Promise<JoinTicket> {
      const stored = form.test(ticket) ? await kv.get(keyOf(secretDigest(ticket), "join")) : null;
      const content = stored === null ? null : (JSON.parse(stored) as Omit<JoinTicket, "id">);
      const isTheirs = content?.keptId === kept.id && content.keptVersion === kept.credentials_version;
      if (content === null || !isTheirs) throw new AppError("joining_ticket_invalid");
      return { ...content, id: secretDigest(ticket) };
    },

    /** Error: `joining_ticket_invalid` where the account that goes proved a number or added a second factor since. */
    expectSame({ judged }: JoinTicket, leaver: Leaver | null): void {
      if (leaver === null || keys.some((key) => judgedBy(key, leaver) === judged)) return;
      throw new AppError("joining_ticket_invalid");
    },

    /** In the transaction of the join: of several with one ticket exactly one commits. */
    async consume(transaction: Db, { id }: JoinTicket): Promise<void> {
      const isFirst = await insertUsedCode(transaction, `join:${id}`, clock.now() + lifeSeconds * 1000);
      if (!isFirst) throw new AppError("joining_ticket_invalid");
    },
  };
}
