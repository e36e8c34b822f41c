import type { Actor, Audit } from "../audit/audit.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError, type FieldProblem, invalidFields } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import { readNetwork } from "../kernel/networks.ts";
import type { Permissions } from "../permissions/permissions.ts";
import { checkedScopes } from "./scopes.ts";
import { newServiceSecret } from "./service-secret.ts";
import {
  deleteService,
  endSecrets,
  insertSecret,
  insertService,
  listServices,
  livingSecrets,
  lockService,
  purgeSecrets,
  purgeServices,
  type ServiceRow,
} from "./service-store.ts";

/**
 * Other programs of the site that may ask here: each has a name, scopes and a secret. Promises: a secret is shown once,
 * when it is made, and the table has a digest of it; a service is never a person: it has no session, logs in nowhere and
 * has no /user/; at most two secrets are good at a time, so that a new one can be handed out before the old one ends;
 * whoever was handed one keeps it until the end they were told (of two rotations at once one is refused). Every act is in
 * the audit log. Guards: services.test.ts, services.race.test.ts.
 */
export interface ServicesDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly permissions: Permissions;
  /** What the table has instead of a secret. */
  readonly macsOf: (secret: string) => readonly [string, ...string[]];
}

/** As an operator sees it. Times in epoch milliseconds. */
export interface Service extends Omit<ServiceRow, "scopes" | "networks"> {
  readonly scopes: readonly string[];
  readonly networks: readonly string[];
  /** Those that are good now, the oldest first. */
  readonly secrets: readonly { readonly created_at: number; readonly ends_at: number | null }[];
}

/** How long one that has expired can be looked up. */
const keptMillis = 30 * 24 * 3600 * 1000;

/** Asked with a service's scopes before it is made, renewed or ended, under lock: rejects where the actor may not give them. */
type MayGive = (scopes: readonly string[]) => Promise<void>;
/** Of whoever has the command line. */
const everybodyMay: MayGive = async () => {};

export type Services = ReturnType<typeof createServices>;

export function createServices({ db, clock, audit, permissions, macsOf }: ServicesDeps) {
  async function view(row: ServiceRow, from: Db): Promise<Service> {
    const secrets = await livingSecrets(from, row.id, clock.now());
    return {
      ...row,
      ...{ scopes: listOf(row.scopes), networks: listOf(row.networks) },
      secrets: secrets.map(({ created_at, ends_at }) => ({ created_at, ends_at })),
    };
  }

  /** A new secret of the service, which nobody can read again. */
  async function giveSecret(transaction: Db, serviceId: number): Promise<string> {
    const secret = newServiceSecret();
    const row = { secret_mac: macsOf(secret)[0], service_id: serviceId, created_at: clock.now() };
    await insertSecret(transaction, row);
    return secret;
  }

  /** Error: `not_found`. */
  async function locked(transaction: Db, name: string): Promise<ServiceRow> {
    const row = await lockService(transaction, name);
    if (row === null) throw new AppError("not_found");
    return row;
  }

  const about = ({ id, name }: Pick<ServiceRow, "id" | "name">) =>
    ({ targetKind: "service", targetId: id, target: name }) as const;

  return {
    /** Makes one. Returns its secret, this once. Error: `invalid_fields`. */
    async add(
      actor: Actor,
      input: {
        readonly name: string;
        readonly scopes: readonly string[];
        /** Where it may come from; empty: anywhere. */
        readonly networks: readonly string[];
        /** How long it can be used; null: until it is revoked. */
        readonly lifeSeconds: number | null;
      },
      mayGive: MayGive = everybodyMay,
    ): Promise<{ service: Service; secret: string }> {
      const networks = input.networks.map(readNetwork);
      const problems: FieldProblem[] = [];
      if (!/^[a-z][a-z\d-]{0,49}$/.test(input.name))
        problems.push({ field: "name", code: "not_a_service_name" });
      const wrong = networks.indexOf(null);
      if (wrong >= 0) {
        const parameters = { value: input.networks[wrong]! };
        problems.push({ field: "networks", code: "not_a_network", parameters });
      }
      if (problems.length > 0) throw invalidFields(...problems);
      // A command may come before the first start.
      await permissions.declare();
      const known = new Set(await permissions.everyName());
      const scopes = checkedScopes(input.scopes, known);
      await mayGive(scopes);
      const now = clock.now();
      return db.transaction(async (transaction) => {
        const row = {
          ...{ name: input.name, scopes: scopes.join(" "), networks: networks.join(" "), created_at: now },
          expires_at: input.lifeSeconds === null ? null : now + input.lifeSeconds * 1000,
        };
        const id = await insertService(transaction, row);
        if (id === null) throw invalidFields({ field: "name", code: "service_name_taken" });
        const secret = await giveSecret(transaction, id);
        await audit.record(transaction, actor, {
          ...{ action: "service.create", ...about({ id, name: input.name }), before: {} },
          after: { scopes, networks, expires_at: row.expires_at },
        });
        return { service: await view({ ...row, id, last_used_at: null }, transaction), secret };
      });
    },

    async list(): Promise<Service[]> {
      const rows = await listServices(db);
      return Promise.all(rows.map((row) => view(row, db)));
    },

    /**
     * Gives it a second secret. The one before is good for `keepSeconds` more; with 0 every other one ends at once, as
     * after a leak. Errors: `not_found`; `service_rotating` where there are two already and one would have to end early.
     */
    async rotate(
      actor: Actor,
      name: string,
      keepSeconds: number,
      mayGive: MayGive = everybodyMay,
    ): Promise<{ service: Service; secret: string }> {
      return db.transaction(async (transaction) => {
        const row = await locked(transaction, name);
        await mayGive(listOf(row.scopes));
        const now = clock.now();
        const living = await livingSecrets(transaction, row.id, now);
        const next = living.find(({ ends_at }) => ends_at !== null);
        if (keepSeconds > 0 && living.length > 1) {
          const until = new Date(next?.ends_at ?? now).toISOString().slice(0, 16);
          throw new AppError("service_rotating", { parameters: { until } });
        }
        const endsAt = keepSeconds > 0 ? now + keepSeconds * 1000 : null;
        await endSecrets(transaction, row.id, endsAt);
        const secret = await giveSecret(transaction, row.id);
        await audit.record(transaction, actor, {
          ...{ action: "service.rotate", ...about(row) },
          ...{ before: { old_until: null }, after: { old_until: endsAt ?? now } },
        });
        return { service: await view(row, transaction), secret };
      });
    },

    /** Removes it: from the next request on none of its secrets is good. Error: `not_found`. */
    async revoke(actor: Actor, name: string, mayGive: MayGive = everybodyMay): Promise<void> {
      await db.transaction(async (transaction) => {
        const row = await locked(transaction, name);
        await mayGive(listOf(row.scopes));
        await deleteService(transaction, row.id);
        await audit.record(transaction, actor, {
          ...{ action: "service.revoke", ...about(row) },
          before: { scopes: listOf(row.scopes), networks: listOf(row.networks), last_used: row.last_used_at },
          after: {},
        });
      });
    },

    /** Removes up to `limit` services that expired thirty days ago. */
    purge: (limit: number): Promise<number> => purgeServices(db, clock.now() - keptMillis, limit),
    /** Removes up to `limit` secrets that have ended. */
    purgeSecrets: (limit: number): Promise<number> => purgeSecrets(db, clock.now(), limit),
  };
}

/** Of what the tables separate by spaces. */
export const listOf = (stored: string): readonly string[] => (stored === "" ? [] : stored.split(" "));
