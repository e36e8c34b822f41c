import type { User } from "../accounts/record.ts";
import { expectImpersonal } from "../accounts/staff-reason.ts";
import type { Users } from "../accounts/users.ts";
import type { Actor, Audit } from "../audit/audit.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError } from "../errors/errors.ts";
import { clientNetwork, maskNetwork } from "../kernel/client-address.ts";
import type { createLogInLimits } from "../sign-in/log-in-limits.ts";
import type { Administrator, Limits } from "./administrator.ts";
import { countedNames } from "./kept-out.ts";
import { type LockedDeps, lockedAccounts } from "./locked.ts";

/**
 * Who is kept out by too many tries, and letting them try again. A name is looked up as typed, with or without an account, as the
 * counters have it; an address of a network by what it did at all names together. Looking counts nothing. Letting in again is in
 * the audit log, without a name that no account has, because people type passwords there, and with the network alone. Of an account
 * that may do more than whoever asks nothing is forgotten (attack: staff who lift the limit again and again while they guess at a
 * superuser's password; guard: blocks.test.ts).
 */
export interface BlocksDeps extends LockedDeps {
  readonly db: Db;
  readonly audit: Audit;
  readonly limits: Pick<Limits, "mayTouch">;
  readonly users: Pick<Users, "byId" | "byLoginName">;
  readonly devices: Pick<KnownDevices, "keysOf">;
  readonly logInLimits: Pick<
    ReturnType<typeof createLogInLimits>,
    "stateOf" | "unlock" | "stateOfNetwork" | "unlockNetwork"
  >;
}

export type Blocks = ReturnType<typeof createBlocks>;

const nobody = { credentials_version: 0 };

export function createBlocks({ db, audit, limits, users, devices, logInLimits, ...rest }: BlocksDeps) {
  const record = (
    actor: Actor,
    target: { readonly kind: "user" | "system"; readonly id: number; readonly name: string },
    after: Readonly<Record<string, unknown>>,
  ) =>
    db.transaction((transaction) =>
      audit.record(transaction, actor, {
        ...{ action: "log-in.unlock", targetKind: target.kind, targetId: target.id, target: target.name },
        ...{ before: {}, after },
      }),
    );

  /** Of the account by all its names; where there is none, of the name as it was typed. */
  async function unlock(actor: Administrator, user: User | null, name: string, reason: string) {
    if (user === null) {
      await logInLimits.unlock(name, nobody, []);
      const target = { kind: "system", id: 0, name: "(a name without an account)" } as const;
      return record(actor, target, { reason, unlocked: "name" });
    }
    await limits.mayTouch(actor, user);
    const keys = await devices.keysOf(user);
    for (const one of countedNames(user)) await logInLimits.unlock(one, user, keys);
    const target = { kind: "user", id: user.id, name: user.username } as const;
    await record(actor, target, { reason, unlocked: "name" });
  }

  return {
    /** The counters of a name. */
    async ofName(name: string) {
      const user = await users.byLoginName(name);
      const keys = user === null ? [] : await devices.keysOf(user);
      const counters = await logInLimits.stateOf(name, user ?? nobody, keys);
      return { userId: user?.id ?? null, counters };
    },

    locked: () => lockedAccounts({ ...rest, users, devices, logInLimits }),

    /** The counters of an address's network. */
    ofNetwork: async (address: string) => ({
      userId: null,
      counters: await logInLimits.stateOfNetwork(address),
    }),

    /** Of an account by all its names, whichever was given. Error: `forbidden`. */
    async unlockName(actor: Administrator, name: string, reason: string): Promise<void> {
      expectImpersonal(reason);
      await unlock(actor, await users.byLoginName(name), name, reason);
    },

    /** As unlockName, for who sees no whole name. Errors: `not_found`, `forbidden`. */
    async unlockUser(actor: Administrator, id: number, reason: string): Promise<void> {
      const user = await users.byId(id);
      if (user === null) throw new AppError("not_found");
      expectImpersonal(reason);
      await unlock(actor, user, user.username, reason);
    },

    async unlockNetwork(actor: Actor, address: string, reason: string): Promise<void> {
      expectImpersonal(reason);
      await logInLimits.unlockNetwork(address);
      await record(
        actor,
        { kind: "system", id: 0, name: maskNetwork(clientNetwork(address)) },
        { reason, unlocked: "network" },
      );
    },
  };
}
