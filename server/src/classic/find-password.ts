import { isMobileProved } from "../accounts/mobile.ts";
import type { User } from "../accounts/record.ts";
import type { StaleNumbers } from "../accounts/stale-numbers.ts";
import type { Users } from "../accounts/users.ts";
import type { Verifications } from "../codes/verification.ts";
import type { Asker } from "../devices/asker.ts";
import type { Db } from "../engines/database/database.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import { countedNetworks, createNetworkLimit } from "../engines/kv/network-limit.ts";
import { AppError } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import { deriveKey } from "../kernel/keys.ts";
import { limitRule } from "../kernel/limits.ts";
import { maskText } from "../kernel/mask.ts";
import type { PasswordReset } from "../sign-in/password-reset.ts";
import type { Language } from "../words/language.ts";
import { createFindTickets, type FindTicket } from "./find-tickets.ts";
import type { PictureCodes } from "./picture-codes.ts";
import type { ClassicSettings } from "./settings.ts";

/**
 * A forgotten password in the classic pages' four steps: who it is, a code to the number, the code typed, the new password.
 * Promises: codes go to the account's proved number alone, never to one that is merely written there; each step needs what the
 * one before gave, and nothing else opens it. That the first step tells who has an account is this contract's: a picture and a
 * limit of each network stand before it (guard: classic-find-password.test.ts; docs/threats.md has what is left).
 */
export interface FindPasswordDeps extends Pick<ClassicSettings, "findPasswordLimit"> {
  readonly db: Db;
  readonly kv: KeyValue;
  readonly clock: Clock;
  readonly users: Users;
  readonly smsCodes: Verifications | null;
  readonly passwordReset: PasswordReset;
  readonly pictures: PictureCodes;
  readonly staleNumbers: Pick<StaleNumbers, "isStaleTo">;
  readonly secretKey: string;
  /** How often as many as a network an IPv6 /48 may take a step. */
  readonly widerNetworkFactor: number;
}

export type FindPassword = ReturnType<typeof createFindPassword>;
type Owner = User & { readonly mobile: string };

export function createFindPassword(deps: FindPasswordDeps) {
  const { db, users, pictures } = deps;
  const tickets = createFindTickets(deps);
  const limit = createNetworkLimit(deps.kv, deps.widerNetworkFactor);
  const networkKey = deriveKey(deps.secretKey, "find password");

  function codes(): Verifications {
    if (deps.smsCodes === null) throw new AppError("sms_off");
    return deps.smsCodes;
  }

  const count = (name: "find-account" | "find-code", asker: Asker) =>
    limit.countAll([limitRule(name, deps.findPasswordLimit)], countedNetworks(networkKey, asker));

  const isOwner = (user: User | null): user is Owner => user?.is_active === 1 && isMobileProved(user);

  /** Error: `no_such_account`, also for one that is disabled or has no proved number. */
  async function ownerOf(name: string): Promise<Owner> {
    const user = await users.byLoginName(name);
    if (!isOwner(user)) throw new AppError("no_such_account");
    return user;
  }

  const ticketOf = ({ id, mobile, credentials_version }: Owner): FindTicket => ({
    ...{ userId: id, mobile, credentialsVersion: credentials_version },
  });

  /** Whether the account is still as it was when the ticket was made. */
  const holds = (user: User | null, ticket: FindTicket): user is Owner =>
    isOwner(user) && user.mobile === ticket.mobile && user.credentials_version === ticket.credentialsVersion;

  return {
    /** Errors: `picture_code_gone`, `picture_code_wrong`, then `throttled`, then `no_such_account`. */
    async begin(
      name: string,
      picture: { readonly id: string | undefined; readonly typed: string | undefined },
      asker: Asker,
    ): Promise<{ mobile: string; access_token: string }> {
      await pictures.expect(picture.id, picture.typed);
      await count("find-account", asker);
      const owner = await ownerOf(name);
      return { mobile: maskText(owner.mobile), access_token: await tickets.issue("send", ticketOf(owner)) };
    },

    /** Sends a code to the number. Errors: `reset_ticket_invalid`, and those of asking for a code. */
    async send(token: string, language: Language, asker: Asker): Promise<{ retryAfterSeconds: number }> {
      const ticket = await tickets.check("send", token);
      const owner = await users.byId(ticket.userId);
      if (!holds(owner, ticket)) throw new AppError("reset_ticket_invalid");
      // A picture was solved for the ticket, which is good for this one number.
      const captcha = "answered";
      return codes().request({ to: owner.mobile, purpose: "resetpwd", language, asker, captcha });
    },

    /** Uses the code up for the ticket that sets a password. Errors: `throttled`, `no_such_account`, `sms_code_wrong`, `sms_code_expired`. */
    async prove(
      name: string,
      code: string,
      asker: Asker,
    ): Promise<{ user_id: number; access_token: string }> {
      await count("find-code", asker);
      const owner = await ownerOf(name);
      const proof = await codes().check("resetpwd", owner.mobile, code, asker);
      // Of a stale number it makes nothing fresh: it may be a newcomer's by now.
      const isOwners = !(await deps.staleNumbers.isStaleTo(owner, asker));
      // Before the code is gone: without the store it stays good. Nobody knows this ticket until the code is used up.
      const access_token = await tickets.issue("set", ticketOf(owner));
      await db.transaction(async (transaction) => {
        const locked = await users.lock(transaction, owner.id);
        if (!holds(locked, ticketOf(owner))) throw new AppError("sms_code_expired");
        await codes().consume(transaction, proof);
        if (isOwners) await users.recordNumberProved(transaction, owner.id);
      });
      await codes().forget(proof);
      return { user_id: owner.id, access_token };
    },

    /**
     * Sets the password of the account that the ticket is for. Errors: `reset_ticket_invalid`, also for another account's id;
     * `invalid_fields`, `passwords_differ`, `busy`, `number_stale`.
     */
    async set(
      id: number,
      token: string,
      input: { readonly password: string; readonly repeated: string },
      how: { readonly language: Language; readonly asker: Asker },
    ): Promise<User> {
      const ticket = await tickets.check("set", token);
      const owner = await users.byId(ticket.userId);
      if (ticket.userId !== id || !holds(owner, ticket)) throw new AppError("reset_ticket_invalid");
      const changed = await deps.passwordReset.resetBy(owner, input, how, {
        mobile: owner.mobile,
        mayReset: (locked) => holds(locked, ticket),
        refusal: "reset_ticket_invalid",
        use: (transaction) => tickets.consume(transaction, token),
      });
      await tickets.forget("set", token);
      return changed;
    },
  };
}
