import { AppError } from "../errors/errors.ts";
import type { CurrentUser } from "../http/authentication.ts";
import type { DeclaredPermission } from "../permissions/declared-permissions.ts";
import type { Administrator } from "./administrator.ts";

/** The permission that a route under /admin/ asks for. http/authentication.ts makes sure that only staff get there. */
export function needs(permission: DeclaredPermission) {
  return { permission } as const;
}

/** Who acts, for limits and the audit log. */
export function administratorOf(request: { currentUser: CurrentUser | null; id: string }): Administrator {
  const user = request.currentUser;
  if (user === null) throw new AppError("not_authenticated");
  const { id, username, is_active, is_superuser } = user;
  return { id, name: username, requestId: request.id.slice(0, 64), is_active, is_superuser };
}
