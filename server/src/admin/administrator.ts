import type { User } from "../accounts/record.ts";
import type { Actor } from "../audit/audit.ts";
import { AppError } from "../errors/errors.ts";
import type { Permissions } from "../permissions/permissions.ts";

/**
 * What an administrator may not do although a permission seems to allow it. All of it answers `forbidden`:
 *
 * - change your own flags, groups or permissions (attack: promoting yourself), or your own address or number,
 *   for which /user/ asks for the password;
 * - touch a superuser, or anyone who may do something you may not, unless you are a superuser (attack: changing a
 *   stronger account's address and then its password);
 * - grant a permission you don't have, to anyone or to any group, or rename or remove a group that has one (attack: promoting a
 *   second account; two groups that exchange their names, so that others promote it);
 * - make staff or superusers, unless you are a superuser.
 *
 * A service with a route's permission is bound by the same, its scopes in the place of permissions, and by more: it
 * touches neither staff nor superusers, and nobody's names to log in by (attack: a stolen credential made into an
 * account). Whoever runs commands is bound by none of it: they have the database and its key. No request makes one of them
 * (staff.ts). Guards: admin.test.ts, services.test.ts.
 */
export type Administrator = PersonInCharge | ServiceInCharge | Operator;

interface PersonInCharge extends Actor {
  readonly id: number;
  readonly is_active: 0 | 1;
  readonly is_superuser: 0 | 1;
}

interface ServiceInCharge extends Actor {
  readonly id: null;
  readonly scopes: readonly string[];
}

/** The person at the command line. */
export interface Operator extends Actor {
  readonly id: null;
  readonly isOperator: true;
}

const isOperator = (actor: Administrator): actor is Operator => "isOperator" in actor;

export const isService = (actor: Administrator): actor is ServiceInCharge => "scopes" in actor;

export type Limits = ReturnType<typeof createLimits>;

export function createLimits({ permissions }: { permissions: Permissions }) {
  async function holds(actor: Administrator, names: readonly string[]): Promise<boolean> {
    if (isOperator(actor)) return true;
    if (!isService(actor)) return permissions.hasAll(actor, names);
    return names.every((name) => actor.scopes.includes(name));
  }

  return {
    async mayTouch(
      actor: Administrator,
      target: Pick<User, "id" | "is_staff" | "is_superuser">,
    ): Promise<void> {
      if (isOperator(actor)) return;
      if (isService(actor)) {
        if (target.is_staff === 1) throw new AppError("forbidden");
      } else if (actor.is_superuser === 1 || actor.id === target.id) return;
      if (target.is_superuser === 1) throw new AppError("forbidden");
      // As if active: reactivating somebody stronger would be promoting them.
      const theirs = await permissions.all({ ...target, is_active: 1 });
      if (!(await holds(actor, theirs))) throw new AppError("forbidden");
    },

    mayChangeStanding(actor: Administrator, target: Pick<User, "id">): void {
      if (actor.id === target.id) throw new AppError("forbidden");
    },

    /** /user/ asks for the present password first (attack: a stolen token made into a stolen account). */
    mayReplaceAddress(actor: Administrator, target: Pick<User, "id">): void {
      if (isService(actor) || actor.id === target.id) throw new AppError("forbidden");
    },

    /** A user name is a name to log in by. */
    mayRename(actor: Administrator): void {
      if (isService(actor)) throw new AppError("forbidden");
    },

    mayAppoint(actor: Administrator): void {
      if (isOperator(actor)) return;
      if (isService(actor) || actor.is_superuser !== 1) throw new AppError("forbidden");
    },

    /** `added` and `removed` alike: taking away what you don't have is power over it as well. */
    async mayGrant(actor: Administrator, names: readonly string[]): Promise<void> {
      if (!(await holds(actor, names))) throw new AppError("forbidden");
    },
  };
}

/** Names in exactly one of the two lists. */
export function difference(before: readonly string[], after: readonly string[]): string[] {
  const [old, fresh] = [new Set(before), new Set(after)];
  return [...old.symmetricDifference(fresh)];
}
