import type { User } from "../accounts/record.ts";
import type { Users } from "../accounts/users.ts";
import type { Actor, Audit } from "../audit/audit.ts";
import type { Db } from "../engines/database/database.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Groups } from "../permissions/groups.ts";
import type { Permissions } from "../permissions/permissions.ts";
import { type Invitation, isLiving } from "./invitation.ts";
import { invitationMailJob } from "./invitation-jobs.ts";
import {
  countLiving,
  deleteInvitation,
  findInvitation,
  insertInvitation,
  listInvitations,
  purgeInvitations,
  useInvitation,
} from "./invitation-store.ts";
import type { InvitationTokens } from "./invitation-token.ts";

/**
 * Invitations to sign up. Promises: the database and the queue hold no link, so that reading either lets nobody in; one
 * use lets one person in, however many come at once; an invitation to a group works only while its maker may put people
 * into that group, and any only while its maker may invite (attack: an administrator who is dismissed and comes back by an
 * invitation of their own; guards: invitations.test.ts, invitations.race.test.ts).
 */
export interface InvitationDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly jobs: Jobs;
  readonly audit: Audit;
  readonly users: Users;
  readonly groups: Groups;
  readonly permissions: Permissions;
  readonly tokens: InvitationTokens;
  /** Of one maker that can still be used. */
  readonly invitationsPerMaker: number;
}

export interface InvitationInput {
  /** As accounts/email.ts stores it: it is mailed there, and works for that address alone. */
  readonly email: string | null;
  readonly groupId: number | null;
  readonly maxUses: number;
  /** How long it can be used. */
  readonly lifeSeconds: number;
}

/** How long an invitation that has ended can be looked up. */
const keptMillis = 30 * 24 * 3600 * 1000;

const toInvite = "users.add_user";
const toGroup = "users.change_user";

export type Invitations = ReturnType<typeof createInvitations>;

export function createInvitations(deps: InvitationDeps) {
  const { db, clock, users, groups, permissions, tokens, audit } = deps;

  /** Whether the maker, as they are now, may let people in, and into that group. Reads by `from` alone. */
  async function makerMay(makerId: number | null, groupId: number | null, from: Db): Promise<boolean> {
    if (makerId === null) return true;
    const maker = await users.byId(makerId, from);
    if (maker?.is_active !== 1) return false;
    if (maker.is_superuser === 1) return true;
    const held = new Set(await permissions.grantedInAnyWay(makerId, from));
    const { permissions: granted } =
      groupId === null ? { permissions: [] } : await groups.byId(groupId, from);
    const asked = [toInvite, ...(groupId === null ? [] : [toGroup]), ...granted];
    return maker.is_staff === 1 && asked.every((name) => held.has(name));
  }

  async function expectGroup(transaction: Db, id: number): Promise<void> {
    await groups.byId(id, transaction).catch((error: unknown) => {
      if (!(error instanceof AppError && error.code === "not_found")) throw error;
      throw invalidFields({ field: "group", code: "unknown_group", parameters: { value: id } });
    });
  }

  return {
    /**
     * Makes one, and mails it where it has an address. Returns what its link holds, which nobody can read again. Errors:
     * `forbidden` for a group that the maker could not grant, `invalid_fields` for one that there is not,
     * `too_many_invitations`.
     */
    async add(actor: Actor, input: InvitationInput): Promise<{ row: Invitation; token: string }> {
      const { nonce, token, mac } = tokens.make();
      const now = clock.now();
      const row = await db.transaction(async (transaction) => {
        const { email, groupId, maxUses } = input;
        if (groupId !== null) await expectGroup(transaction, groupId);
        if (actor.id !== null) {
          // Under lock: of several at once each counts those before it.
          await users.lock(transaction, actor.id);
          if (!(await makerMay(actor.id, groupId, transaction))) throw new AppError("forbidden");
          const limit = deps.invitationsPerMaker;
          if ((await countLiving(transaction, actor.id, now)) >= limit) {
            throw new AppError("too_many_invitations", { parameters: { limit } });
          }
        }
        const made = {
          ...{ email, group_id: groupId, maker_id: actor.id, max_uses: maxUses },
          ...{ created_at: now, expires_at: now + input.lifeSeconds * 1000 },
        };
        const id = await insertInvitation(transaction, { ...made, token_mac: mac });
        await audit.record(transaction, actor, {
          ...{ action: "invitation.create", targetKind: "invitation", targetId: id, target: `#${id}` },
          before: {},
          after: { email, group: groupId, uses: maxUses, expires_at: made.expires_at },
        });
        if (email !== null) {
          const mail = { id, nonce, email, expiresAt: made.expires_at };
          const deadline = { deadlineAt: made.expires_at };
          await deps.jobs.enqueueWith(transaction, invitationMailJob, mail, deadline);
        }
        return { ...made, id, uses: 0 };
      });
      return { row, token };
    },

    list: (page: { readonly limit: number; readonly before?: number | undefined }) =>
      listInvitations(db, page),

    /** Ends one: its link lets nobody in any more. Error: `not_found`. */
    async revoke(actor: Actor, id: number): Promise<void> {
      await db.transaction(async (transaction) => {
        const row = await deleteInvitation(transaction, id);
        if (row === null) throw new AppError("not_found");
        await audit.record(transaction, actor, {
          ...{ action: "invitation.delete", targetKind: "invitation", targetId: id, target: `#${id}` },
          before: { email: row.email, group: row.group_id, uses: row.max_uses - row.uses },
          after: {},
        });
      });
    },

    /** One that can be used now. Error: `invalid_fields`, the same for one that never was. */
    async find(token: string): Promise<Invitation> {
      const row = await findInvitation(db, tokens.macsOf(token));
      if (row === null || !isLiving(row, clock.now())) throw invalid();
      if (!(await makerMay(row.maker_id, row.group_id, db))) throw invalid();
      return row;
    },

    /**
     * Uses it up for the account just made, in the same transaction, and puts that into its group. Error: `invalid_fields`
     * when somebody else was faster, or its maker may no longer.
     */
    async use(transaction: Db, row: Invitation, account: Pick<User, "id" | "username">): Promise<void> {
      const { id, group_id, maker_id } = row;
      if (!(await useInvitation(transaction, id, clock.now()))) throw invalid();
      if (!(await makerMay(maker_id, group_id, transaction))) throw invalid();
      if (group_id !== null) await groups.setOfUser(transaction, account.id, [group_id]);
      const self = { id: account.id, name: account.username, requestId: null };
      await audit.record(transaction, self, {
        ...{ action: "invitation.use", targetKind: "user", targetId: account.id, target: account.username },
        before: {},
        after: { invitation: id, maker: maker_id, group: group_id },
      });
    },

    purge: (limit: number) => purgeInvitations(db, clock.now() - keptMillis, limit),
  };
}

function invalid(): AppError {
  return invalidFields({ field: "invitation", code: "invitation_invalid" });
}
