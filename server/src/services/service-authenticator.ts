import type { Db } from "../engines/database/database.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import { countedNetworks, createNetworkLimit } from "../engines/kv/network-limit.ts";
import { AppError } from "../errors/errors.ts";
import type { CallingService, Client, ServiceAuthenticator } from "../http/authentication.ts";
import { clientNetworks } from "../kernel/client-address.ts";
import type { Clock } from "../kernel/clock.ts";
import { deriveKey } from "../kernel/keys.ts";
import { limitRule } from "../kernel/limits.ts";
import type { Log } from "../kernel/log.ts";
import { isWithinNetworks } from "../kernel/networks.ts";
import { beginsAsServiceSecret, isServiceSecret } from "./service-secret.ts";
import { findServiceBySecret, renewMac, type ServiceRow, writeUsed } from "./service-store.ts";
import { listOf } from "./services.ts";

/**
 * Recognises services: `Authorization: Bearer <secret>`, or Basic with name and secret as OAuth's clients write them (RFC
 * 6749 section 2.3.1). Promises: an unknown secret, an ended one, one of an expired service, from another network or under
 * another's name get one answer, after one look into the table each; right secrets always pass, so a neighbour behind
 * the same address, whose wrong ones fill the network's count, cuts nobody off (guard: services.test.ts).
 */
export interface ServiceAuthenticatorDeps {
  readonly db: Db;
  readonly kv: KeyValue;
  readonly clock: Clock;
  readonly log: Log;
  readonly secretKey: string;
  readonly macsOf: (secret: string) => readonly [string, ...string[]];
  /** Wrong ones of one client network in an hour; 0 = unlimited. */
  readonly serviceFailureLimit: number;
  readonly widerNetworkFactor: number;
}

interface Shown {
  readonly secret: string;
  /** Null where only the secret was shown. */
  readonly name: string | null;
}

/** A service in use is noted at most this often. */
const usedEveryMillis = 600_000;

export function createServiceAuthenticator(deps: ServiceAuthenticatorDeps): ServiceAuthenticator {
  const { db, clock, log, macsOf } = deps;
  const limit = createNetworkLimit(deps.kv, deps.widerNetworkFactor);
  const subjects = deriveKey(deps.secretKey, "service limit");
  const failures = [limitRule("service-client", deps.serviceFailureLimit)];

  async function noteUsed({ id, last_used_at: last }: ServiceRow): Promise<void> {
    const now = clock.now();
    if (last !== null && now - last < usedEveryMillis) return;
    try {
      await writeUsed(db, { id, now, before: now - usedEveryMillis });
    } catch (error) {
      // The request has its answer without it: a full disk must not keep readers out.
      log.warn({ err: error }, "a service's last request could not be noted");
    }
  }

  /** Under the present SECRET_KEY, or an earlier one: then it is kept under the present one from now on. */
  async function find(secret: string): Promise<ServiceRow | null> {
    const [mac, ...before] = macsOf(secret);
    const now = clock.now();
    const found = await Promise.all([mac, ...before].map((one) => findServiceBySecret(db, one, now)));
    const at = found.findIndex((row) => row !== null);
    if (at > 0) await renewMac(db, { from: before[at - 1]!, to: mac });
    return found[at] ?? null;
  }

  /** Errors: `service_refused`, `throttled`. */
  async function recognise({ secret, name }: Shown, { address }: Client): Promise<CallingService> {
    // What was not made here asks the table all the same: its answer takes as long.
    const row = await find(secret);
    const networks = row === null ? [] : listOf(row.networks);
    const isHere = networks.length === 0 || isWithinNetworks(address, networks);
    const isNamed = name === null || name === row?.name;
    if (row !== null && isHere && isNamed && isServiceSecret(secret)) {
      await noteUsed(row);
      return { id: row.id, name: row.name, scopes: listOf(row.scopes) };
    }
    const asking = clientNetworks(address);
    const why = row === null ? "unknown" : isNamed ? "network" : "name";
    // First, so that a client in a loop fills no log.
    await limit.countAll(failures, countedNetworks(subjects, asking));
    log.warn(
      { client: asking.network, service: row?.name ?? null, why },
      "a service's credential was refused",
    );
    throw new AppError("service_refused");
  }

  return {
    authenticate(authorization, client) {
      const shown = shownIn(authorization);
      return shown === null ? null : recognise(shown, client);
    },
  };
}

/** Null for the header of a person, or of nobody. */
function shownIn(authorization: string): Shown | null {
  const [scheme = "", credentials, ...more] = authorization.trim().split(/\s+/);
  if (credentials === undefined || more.length > 0 || credentials.length > 1000) return null;
  // The second is what the typed client writes.
  if (/^(bearer|jwt)$/i.test(scheme)) {
    return beginsAsServiceSecret(credentials) ? { secret: credentials, name: null } : null;
  }
  if (!/^basic$/i.test(scheme)) return null;
  const text = Buffer.from(credentials, "base64").toString();
  const colon = text.indexOf(":");
  const secret = formDecoded(text.slice(colon + 1));
  if (colon < 0 || !beginsAsServiceSecret(secret)) return null;
  return { secret, name: formDecoded(text.slice(0, colon)) };
}

/** RFC 6749 section 2.3.1: both are encoded as a form's values are. What is encoded wrongly is taken as it stands. */
function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
