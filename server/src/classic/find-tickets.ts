import { insertUsedCode } from "../codes/used-codes.ts";
import type { Db } from "../engines/database/database.ts";
import { type KeyValue, key } from "../engines/kv/kv.ts";
import { AppError } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import { secretDigest } from "../kernel/digest.ts";
import { heldFor, holdFor } from "../kernel/held-content.ts";
import { randomToken } from "../kernel/ids.ts";

/**
 * The tickets between the steps to find a password. `send` lets its holder have codes sent to the account's number, as often as
 * the limits allow; `set` sets a password, once. Promise: neither works for the other (attack: with a solved picture alone the
 * original's first ticket set the password; guard: classic-find-password.test.ts), and both end after ten minutes or with a
 * change of the account's credentials. The store holds a digest, and what it can't read.
 */
export type FindPurpose = "send" | "set";

export interface FindTicket {
  readonly userId: number;
  readonly mobile: string;
  readonly credentialsVersion: number;
}

const lifeSeconds = 600;
const form = /^[A-Za-z0-9_-]{43}$/;

export function createFindTickets({ kv, clock }: { readonly kv: KeyValue; readonly clock: Clock }) {
  const keyOf = (purpose: FindPurpose, token: string) => key("findTicket", secretDigest(token), purpose);

  return {
    async issue(purpose: FindPurpose, content: FindTicket): Promise<string> {
      const token = randomToken(32);
      await kv.set(keyOf(purpose, token), holdFor(token, content), lifeSeconds);
      return token;
    },

    /** Error: `reset_ticket_invalid` for one that is unknown, expired, used, or of the other purpose. */
    async check(purpose: FindPurpose, token: string): Promise<FindTicket> {
      const stored = form.test(token) ? await kv.get(keyOf(purpose, token)) : null;
      const content = stored === null ? null : heldFor<FindTicket>(token, stored);
      if (content === null) throw new AppError("reset_ticket_invalid");
      return content;
    },

    /** In the transaction of its effect: of several with one ticket exactly one commits. Error: `reset_ticket_invalid`. */
    async consume(transaction: Db, token: string): Promise<void> {
      const expiresAt = clock.now() + lifeSeconds * 1000;
      const isFirst = await insertUsedCode(transaction, `find:${secretDigest(token)}`, expiresAt);
      if (!isFirst) throw new AppError("reset_ticket_invalid");
    },

    forget: (purpose: FindPurpose, token: string): Promise<void> => kv.delete(keyOf(purpose, token)),
  };
}
