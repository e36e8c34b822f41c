import { AppError } from "../errors/errors.ts";
import type { CallingService, CurrentUser } from "../http/authentication.ts";
import type { DeclaredPermission } from "../permissions/declared-permissions.ts";
import type { Administrator } from "./administrator.ts";

/**
 * The permission that a route under /admin/ asks for, of staff and of services. http/authentication.ts makes sure that
 * nobody else gets there.
 */
export function needs(permission: DeclaredPermission) {
  return { permission, services: true } as const;
}

/** The same where no service may, whatever its scopes: what makes staff, invites, or leads to a password. */
export function needsPerson(permission: DeclaredPermission) {
  return { permission } as const;
}

/** Who acts, for limits and the audit log. */
export function administratorOf(request: {
  currentUser: CurrentUser | null;
  currentService: CallingService | null;
  id: string;
}): Administrator {
  const requestId = request.id.slice(0, 64);
  const { currentUser: user, currentService: service } = request;
  if (service !== null)
    return { id: null, name: `service:${service.name}`, scopes: service.scopes, requestId };
  if (user === null) throw new AppError("not_authenticated");
  const { id, username, is_active, is_superuser } = user;
  return { id, name: username, requestId, is_active, is_superuser };
}
