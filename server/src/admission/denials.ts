import { email as emailField } from "../accounts/email.ts";
import { checkEnd } from "../accounts/end-time.ts";
import { expectImpersonal } from "../accounts/staff-reason.ts";
import type { Actor, Audit } from "../audit/audit.ts";
import { lastingName, withNamesNow } from "../audit/lasting-name.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { FieldCode } from "../errors/field-codes.ts";
import type { Clock } from "../kernel/clock.ts";
import { canonicalDomain } from "../kernel/domain-name.ts";
import { randomToken } from "../kernel/ids.ts";
import { deriveKeys, hmac, type SecretKeys } from "../kernel/keys.ts";
import type { Log } from "../kernel/log.ts";
import { maskText } from "../kernel/mask.ts";
import { isWithinNetworks, readNetwork } from "../kernel/networks.ts";
import {
  addressDeniedMillis,
  type Denial,
  type DenialKind,
  denialsAt,
  keepDenial,
  purgeDenials,
  removeDenial,
} from "./denial-rows.ts";

/**
 * Whom staff refuse: whatever comes from a network, and whoever would make an address or one of a domain their account's.
 * Promises: no request waits for the list, which each process keeps in its memory and reads again every five seconds, and at once
 * where it changed it itself (guard: denials.test.ts); nobody denies the network that they ask from, or every network (attack and
 * accident: locking everybody out); each change is in the audit log; of an address the list has no more than a digest and its masked
 * form, for two years at most, and the log nothing (guards: staff-traces.test.ts, written-by-staff.test.ts). An account that is there keeps its address and logs in.
 */
export interface DenialsDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly secretKeys: SecretKeys;
  readonly log: Pick<Log, "warn">;
}

export interface WantedDenial {
  readonly kind: DenialKind;
  readonly value: string;
  readonly reason: string;
  /** Epoch milliseconds; null for good, and of an address for as long as may be. */
  readonly endsAt: number | null;
}

export type Denials = ReturnType<typeof createDenials>;

const everyMillis = 5_000;
const most = 5_000;
/** The widest network that may be denied, in bits. */
const widest = { ipv4: 8, ipv6: 16 };

export function createDenials({ db, clock, audit, secretKeys, log }: DenialsDeps) {
  const keys = deriveKeys(secretKeys, "denied address");
  const digestsOf = (address: string) => keys.map((key) => hmac(key, address).toString("base64url"));
  let known = read([]);
  let timer: NodeJS.Timeout | undefined;

  async function reload(): Promise<void> {
    known = read(await denialsAt(db, clock.now()));
  }

  const counts = ({ ends_at }: Denial) => ends_at === null || ends_at > clock.now();

  function record(
    transaction: Db,
    actor: Actor,
    action: "denial.add" | "denial.remove",
    one: Denial,
  ): Promise<void> {
    const facts = {
      ...{ kind: one.kind, value: one.shown, reason: one.reason },
      until: one.ends_at === null ? null : new Date(one.ends_at).toISOString(),
    };
    const [before, after] = action === "denial.add" ? [{}, facts] : [facts, {}];
    return audit.record(transaction, actor, {
      ...{ action, targetKind: "system", targetId: 0, target: one.kind, before, after },
    });
  }

  return {
    /** Reads the list, and from then on every five seconds; for the start of a process that answers requests. */
    async watch(): Promise<void> {
      await reload();
      timer = setInterval(() => {
        // As it was before, for as long as the database can't be asked.
        reload().catch((error: unknown) => log.warn({ err: error }, "the deny list could not be read"));
      }, everyMillis).unref();
    },
    stop: () => clearInterval(timer),

    /** Whether nothing from that address is answered. Waits for nothing. */
    refusesNetwork: (address: string): boolean =>
      known.networks.length > 0 &&
      known.networks.some((one) => counts(one) && isWithinNetworks(address, [one.value])),

    /** What is wrong with an address that is to become an account's; null for nothing. Waits for nothing. */
    problemOf(email: string): FieldCode | null {
      const address = email.toLowerCase();
      if (known.emails.size > 0) {
        const one = digestsOf(address).flatMap((digest) => known.emails.get(digest) ?? [])[0];
        if (one !== undefined && counts(one)) return "email_domain_refused";
      }
      const labels = address.slice(address.lastIndexOf("@") + 1).split(".");
      const isDenied = labels.some((_, from) => {
        const domain = known.domains.get(labels.slice(from).join("."));
        return domain !== undefined && counts(domain);
      });
      return isDenied ? "email_domain_refused" : null;
    },

    list: async (): Promise<Denial[]> => withNamesNow(db, await denialsAt(db, clock.now()), "made_by"),

    /**
     * Adds one, or gives one that is there another reason and end. `from`: where it is asked from; null for the command line.
     * An address is refused for two years at most, and for two years where no end is given. Errors: `invalid_fields`, also for a reason
     * that has somebody's address or number in it, `too_many_denials`.
     */
    async add(
      actor: Actor,
      { kind, value, reason, endsAt }: WantedDenial,
      from: string | null,
    ): Promise<Denial> {
      const now = clock.now();
      checkEnd(endsAt, now);
      expectImpersonal(reason);
      const checked = checkedValue(kind, value, from);
      const [digest = ""] = kind === "email" ? digestsOf(checked) : [checked];
      const denial = {
        ...{ id: randomToken(), kind, value: digest, shown: maskText(checked), reason },
        ...{ made_by: lastingName(actor), created_at: now, ends_at: endOf(kind, endsAt, now) },
      };
      await db.transaction(async (transaction) => {
        if ((await denialsAt(transaction, now)).length >= most)
          throw new AppError("too_many_denials", { parameters: { limit: most } });
        await keepDenial(transaction, denial);
        await record(transaction, actor, "denial.add", denial);
      });
      await reload();
      return { ...denial, made_by: actor.name };
    },

    /** Error: `not_found`. */
    async remove(actor: Actor, id: string): Promise<void> {
      await db.transaction(async (transaction) => {
        const removed = await removeDenial(transaction, id);
        if (removed === null) throw new AppError("not_found");
        await record(transaction, actor, "denial.remove", removed);
      });
      await reload();
    },

    purge: (limit: number): Promise<number> => purgeDenials(db, clock.now(), limit),
  };
}

/** By what is looked at with each request. */
function read(rows: readonly Denial[]) {
  const of = (kind: DenialKind) => rows.filter((row) => row.kind === kind);
  return {
    networks: of("network"),
    emails: new Map(of("email").map((row) => [row.value, row])),
    domains: new Map(of("domain").map((row) => [row.value, row])),
  };
}

/** What is kept of a person ends; staff renew it while it is needed. Error: `invalid_fields`. */
function endOf(kind: DenialKind, endsAt: number | null, now: number): number | null {
  if (kind !== "email") return endsAt;
  const latest = now + addressDeniedMillis;
  if (endsAt === null) return latest;
  if (endsAt > latest) throw invalidFields({ field: "until", code: "address_denied_too_long" });
  return endsAt;
}

/** As it is kept. Error: `invalid_fields`. */
function checkedValue(kind: DenialKind, value: string, from: string | null): string {
  const text = value.trim();
  const wrong = (code: FieldCode) =>
    invalidFields({ field: "value", code, parameters: { value: text.slice(0, 100) } });
  if (kind === "network") {
    const network = readNetwork(text);
    if (network === null) throw wrong("not_a_network");
    const bits = Number(network.slice(network.indexOf("/") + 1));
    if (bits < (network.includes(":") ? widest.ipv6 : widest.ipv4)) throw wrong("network_too_wide");
    if (from !== null && isWithinNetworks(from, [network])) throw wrong("network_is_own");
    return network;
  }
  if (kind === "domain") {
    const domain = canonicalDomain(text.replace(/^@/, ""));
    if (domain === null) throw wrong("not_a_domain");
    return domain;
  }
  const address = emailField.normalize(text);
  const code = emailField.operator.check(address);
  if (code !== null) throw wrong(code);
  return address.toLowerCase();
}
