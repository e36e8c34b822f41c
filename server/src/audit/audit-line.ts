import type { AuditEntry } from "./audit.ts";

/**
 * An entry as it leaves the site: one line of JSON for a SIEM or a store of logs, with the names of the Elastic Common Schema
 * where it has any (docs/audit.md). Promise: ids, actions, names of fields, flags and times alone; every other value is masked, so
 * that what is kept elsewhere need not be searched when an account is erased (guard: audit-export.test.ts).
 */
export interface AuditLine {
  readonly "@timestamp": string;
  readonly event: {
    readonly kind: "audit";
    readonly dataset: "meiduo.audit";
    readonly id: string;
    readonly action: string;
  };
  readonly actor: {
    readonly type: "user" | "service" | "command" | "system";
    readonly id: number | null;
    /** Of a service: its name. */
    readonly name: string | null;
  };
  /** The account in whose place the actor did it. */
  readonly on_behalf_of: { readonly id: number } | null;
  readonly target: { readonly kind: string; readonly id: number };
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
  readonly request_id: string | null;
}

const masked = "(masked)";
/** Names of fields that are of no person, where their value is a number, a flag, nothing, or a list of such. */
const plain =
  /^(is_\w+|groups|permissions|scopes|events|state|\w+_at|at|old_until|deliveries|values|bytes|document|purpose|version)$/;

export function auditLineOf({ id, at, actor, action, targetKind, targetId, ...rest }: AuditEntry): AuditLine {
  return {
    "@timestamp": new Date(at).toISOString(),
    event: { kind: "audit", dataset: "meiduo.audit", id: String(id), action },
    actor: actorOf(actor.id, actor.name),
    on_behalf_of: actor.onBehalfOf === undefined ? null : { id: actor.onBehalfOf },
    target: { kind: targetKind, id: targetId },
    before: maskedValues(rest.before),
    after: maskedValues(rest.after),
    request_id: actor.requestId,
  };
}

function actorOf(id: number | null, name: string): AuditLine["actor"] {
  if (id !== null) return { type: "user", id, name: null };
  const service = /^service:(.+)$/.exec(name)?.[1];
  if (service !== undefined) return { type: "service", id: null, name: service };
  // The command line's actor is the operating system's user: a person.
  return { type: /^\(.+\)$/.test(name) ? "system" : "command", id: null, name: null };
}

function maskedValues(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const isShown = value === null || typeof value === "boolean" || plain.test(name);
      return [name, isShown ? value : masked];
    }),
  );
}
