import { AppError } from "../errors/errors.ts";
import type { CurrentUser } from "../http/authentication.ts";
import type { DeclaredPermission } from "../permissions/declared-permissions.ts";
import type { Administrator } from "./administrator.ts";

/** What every route under /admin/ asks for, besides the route's own permission: staff, or a superuser. */
export async function staffOnly(request: { currentUser: CurrentUser | null }): Promise<void> {
  const user = request.currentUser;
  if (user === null) throw new AppError("not_authenticated");
  if (user.is_staff === 0 && user.is_superuser === 0) throw new AppError("forbidden");
}

export function needs(permission: DeclaredPermission) {
  return { auth: "required", permission } as const;
}

/** Who acts, for limits and the audit log. */
export function administratorOf(request: { currentUser: CurrentUser | null; id: string }): Administrator {
  const user = request.currentUser;
  if (user === null) throw new AppError("not_authenticated");
  const { id, username, is_active, is_superuser } = user;
  return { id, name: username, requestId: request.id.slice(0, 64), is_active, is_superuser };
}
