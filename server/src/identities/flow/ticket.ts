import { insertUsedCode } from "../../codes/used-codes.ts";
import type { Db } from "../../engines/database/database.ts";
import { type KeyValue, key } from "../../engines/kv/kv.ts";
import { AppError } from "../../errors/errors.ts";
import type { Clock } from "../../kernel/clock.ts";
import { secretDigest } from "../../kernel/digest.ts";
import { heldFor, holdFor } from "../../kernel/held-content.ts";
import { randomToken } from "../../kernel/ids.ts";
import type { Log } from "../../kernel/log.ts";
import type { Profile } from "../providers/provider.ts";

/**
 * The ticket of a first log-in: proof that its holder is this person at this provider, for 600 s, for one
 * binding. The contract calls it `access_token`; it is neither ours nor the provider's. Opaque: the original
 * showed the openid in it. Checked without being used up, so that a mistyped password costs nothing; used up
 * in the transaction of its effect. The store can't read what it is about. Guards: "a ticket of one provider used at another", "a replayed ticket"
 * in oauth-takeover.test.ts; oauth-bind.race.test.ts.
 */
export interface TicketContent {
  readonly provider: string;
  readonly keys: readonly [string, ...string[]];
  readonly profile: Profile;
  /** Set when a logged-in user began the flow to add a binding: then nobody else can use it. */
  readonly userId: number | null;
  /** What can be taken back there, encrypted (bindings/grants.ts); absent in tickets of programs from before it. */
  readonly grant?: string | null;
}

export interface Ticket extends TicketContent {
  readonly id: string;
}

const ticketLifeSeconds = 600;
/** How long after its check a log-in that waits for the second factor may use it up (sign-in/pending-step.ts). */
const heldSeconds = 600;
const form = /^[A-Za-z0-9_-]{43}$/;

export type Tickets = ReturnType<typeof createTickets>;

export function createTickets({ kv, clock, log }: { kv: KeyValue; clock: Clock; log: Log }) {
  return {
    async issue(content: TicketContent): Promise<string> {
      const token = randomToken(32);
      await kv.set(key("ticket", secretDigest(token)), holdFor(token, content), ticketLifeSeconds);
      return token;
    },

    /** Error: `ticket_invalid` for one that is unknown, expired, used, another provider's or another user's. */
    async check(token: string, wanted: { provider: string; userId: number | null }): Promise<Ticket> {
      const stored = form.test(token) ? await kv.get(key("ticket", secretDigest(token))) : null;
      const content = stored === null ? null : heldFor<TicketContent>(token, stored);
      if (
        content === null ||
        content.provider !== wanted.provider ||
        (content.userId !== null && content.userId !== wanted.userId)
      ) {
        throw ticketInvalid();
      }
      return { ...content, id: secretDigest(token) };
    },

    /** In the transaction of its effect: of several with one ticket exactly one commits. */
    async consume(transaction: Db, { id }: Ticket): Promise<void> {
      const expiresAt = clock.now() + (ticketLifeSeconds + heldSeconds) * 1000;
      // `id` is a SHA-256 in base64url, so that it never meets a code's.
      if (!(await insertUsedCode(transaction, `ticket:${id}`, expiresAt))) throw ticketInvalid();
    },

    /** After the commit. Not needed for safety, hence no error when the store is away: the effect is there. */
    async forget({ id }: Ticket): Promise<void> {
      await kv.delete(key("ticket", id)).catch((error: unknown) => {
        log.debug({ err: error }, "a used ticket stays until it expires");
      });
    },
  };
}

/** Named as the tutorial's clients send it; a route that was sent the other name says that one. */
export function ticketInvalid(field: "access_token" | "bind_token" = "access_token"): AppError {
  return new AppError("ticket_invalid", { parameters: { field } });
}
