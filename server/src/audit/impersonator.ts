import type { CurrentUser } from "../http/authentication.ts";
import type { Actor, AuditEntry } from "./audit.ts";
import { pseudonymOf } from "./without-values.ts";

type Caller = Pick<CurrentUser, "id" | "username" | "impersonator">;

/** Who of the staff does it in the caller's place, for an entry that names both; null where the caller does it themselves. */
export function impersonatorOf({ id: onBehalfOf, impersonator }: Caller, requestId: string): Actor | null {
  if (impersonator === undefined) return null;
  const { id, username: name } = impersonator;
  return { id, name, requestId: requestId.slice(0, 64), onBehalfOf };
}

/** Who makes the request: whoever acts, or the caller themselves. */
export function whoActs(caller: Caller, requestId: string): Actor {
  const { id, username: name } = caller;
  return impersonatorOf(caller, requestId) ?? { id, name, requestId: requestId.slice(0, 64) };
}

/** In whose place an entry was written, by name; null where the actor did it in their own. After an erasure the id alone is left. */
export function behalfOf({
  actor: { onBehalfOf: id },
  targetKind,
  targetId,
  target,
}: AuditEntry): { readonly id: number; readonly username: string } | null {
  if (id === undefined) return null;
  return { id, username: targetKind === "user" && targetId === id ? target : pseudonymOf(id) };
}
