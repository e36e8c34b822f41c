import type { IncomingHttpHeaders } from "node:http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { AppError } from "../errors/errors.ts";

/**
 * Who is asking. Every route declares in its `config` what it wants:
 *
 * - `required`: 401 without a valid credential;
 * - `optional`: works without one, but a bad one is refused, as the original did;
 * - `ignored`: the header is not looked at (log-in: an expired token must not keep anyone from renewing it).
 *
 * `permission` further asks for a permission `<app>.<codename>`, checked by the function given to
 * `addAuthentication`. A route that declares nothing fails at start, so none is open by oversight.
 *
 * What is under /admin/ is also for staff and superusers only, whether the route declares it or not: there a route that
 * declares nothing is `required`, and the other two fail at start (attack: a new administration route that forgets to
 * ask; guard: staff-routes.test.ts). This holds for embedding programs' routes, too.
 */
export interface CurrentUser {
  readonly id: number;
  readonly username: string;
  readonly email: string | null;
  readonly mobile: string | null;
  readonly first_name: string;
  readonly last_name: string;
  readonly is_active: 0 | 1;
  readonly is_staff: 0 | 1;
  readonly is_superuser: 0 | 1;
  readonly email_verified: 0 | 1;
  /** What takes longer than a moment compares it again before it writes. */
  readonly credentials_version: number;
}

/** Where a request comes from. */
export interface Client {
  /** The network address, behind the proxies that are trusted. */
  readonly address: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Recognises a caller by the Authorization header. Returns null where the header is not of its kind, so that
 * the next authenticator of the list is asked; throws AppError where it is and is bad.
 */
export interface Authenticator {
  readonly name: string;
  authenticate(authorization: string, client: Client): Promise<CurrentUser | null>;
}

export type PermissionCheck = (user: CurrentUser, permission: string) => Promise<boolean>;

declare module "fastify" {
  interface FastifyContextConfig {
    auth?: "required" | "optional" | "ignored";
    permission?: string;
  }
  interface FastifyRequest {
    currentUser: CurrentUser | null;
  }
}

/** The paths that are for staff; `/admin*` is a wildcard over all of them. */
const staffPath = /^\/admin(?:[/*]|$)/;

/** Whether the route of that path is for staff and superusers alone. */
export function isForStaff(url: string): boolean {
  return staffPath.test(url);
}

export function addAuthentication(
  api: FastifyInstance,
  authenticators: readonly Authenticator[],
  hasPermission: PermissionCheck,
): void {
  api.decorateRequest("currentUser", null);
  api.addHook("onRoute", (route) => {
    const forStaff = isForStaff(route.url);
    if (forStaff) route.config = { ...route.config, auth: route.config?.auth ?? "required" };
    const { auth, permission } = route.config ?? {};
    if (auth === undefined)
      throw new Error(`route ${route.method} ${route.url} does not declare config.auth`);
    if (permission !== undefined && auth !== "required") {
      throw new Error(`route ${route.method} ${route.url} asks for a permission but not for a user`);
    }
    if (forStaff && auth !== "required") {
      throw new Error(`route ${route.method} ${route.url} is for staff, so config.auth can't be "${auth}"`);
    }
    if (auth === "ignored") return;
    const check = async (request: FastifyRequest) => {
      const { authorization } = request.headers;
      if (authorization !== undefined) request.currentUser = await recognise(authorization, request);
      if (auth === "required" && request.currentUser === null) throw new AppError("not_authenticated");
      if (forStaff && !isStaff(request.currentUser!)) throw new AppError("forbidden");
      if (permission !== undefined && !(await hasPermission(request.currentUser!, permission))) {
        throw new AppError("forbidden");
      }
    };
    const own = route.onRequest === undefined ? [] : [route.onRequest].flat();
    route.onRequest =
      auth === "optional"
        ? [
            // Most open requests carry no header; a callback hook spares them a promise.
            (request, _reply, done) => {
              if (request.headers.authorization === undefined) done();
              else check(request).then(() => done(), done);
            },
            ...own,
          ]
        : [check, ...own];
  });

  async function recognise(authorization: string, request: FastifyRequest): Promise<CurrentUser | null> {
    for (const authenticator of authenticators) {
      const user = await authenticator.authenticate(authorization, {
        address: request.ip,
        headers: request.headers,
      });
      if (user === null) continue;
      // Also for authenticators of an embedding program, which may not think of it.
      if (user.is_active === 0) throw new AppError("account_disabled");
      return user;
    }
    return null;
  }
}

function isStaff(user: CurrentUser): boolean {
  return user.is_staff === 1 || user.is_superuser === 1;
}

/** The user of a route with `auth: "required"`. */
export function userOf(request: FastifyRequest): CurrentUser {
  if (request.currentUser === null) throw new AppError("not_authenticated");
  return request.currentUser;
}
