import type { IncomingHttpHeaders } from "node:http";
import type { FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { AppError } from "../errors/errors.ts";
import { asksForCookie } from "./cookie-guard.ts";
import { type ExpectRecent, proofOf, stepUpOf } from "./step-up.ts";

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
 * Another service of the site (services/) is nobody's person: `currentUser` is null, `currentService` is it. It may call
 * what declares `services`, with the route's permission among its scopes, and what is for services alone (`auth:
 * "service"`); everywhere else it is refused, also where nobody need be logged in (attack: a new route that lets a
 * machine in by oversight; guard: permission-matrix.test.ts).
 *
 * Whoever of the staff acts in an owner's place may call what declares `impersonated`, and nothing else, also where nobody need be
 * logged in (attack: a password, an address or an erasure in somebody else's name, by a route that nobody thought of; guard:
 * impersonation-matrix.test.ts).
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
  /** Absent where an authenticator of another program doesn't know them. */
  readonly nickname?: string | null;
  readonly provider_nickname?: string | null;
  readonly provider_avatar?: string | null;
  readonly avatar?: string | null;
  readonly username_due?: 0 | 1 | null;
  readonly is_active: 0 | 1;
  readonly is_staff: 0 | 1;
  readonly is_superuser: 0 | 1;
  readonly email_verified: 0 | 1;
  readonly proved_mobile?: string | null;
  readonly second_factor_at?: number | null;
  readonly second_factor_asked_at?: number | null;
  /** What takes longer than a moment compares it again before it writes. */
  readonly credentials_version: number;
  /** The session the request belongs to; none for one that authenticates itself alone. */
  readonly session_id?: string | null;
  /** The second factor that was given in it; null for none. */
  readonly session_factor?: string | null;
  /** Of a request whose session is in a cookie: it is answered no token. */
  readonly session_cookie?: SessionInCookie;
  /** Who of the staff makes the request in the account's place (sessions/impersonations.ts); absent for its owner. */
  readonly impersonator?: Impersonator;
  /** Of an authenticator of another program: its caller proved a short while ago that they are the owner (step-up.ts). */
  readonly recently_proved?: boolean;
}

export interface Impersonator {
  readonly id: number;
  readonly username: string;
  /** When it is over, epoch milliseconds. */
  readonly ends_at: number;
}

export interface SessionInCookie {
  /** Whether it lasts when the browser is closed. */
  readonly lasts: boolean;
  /** The Set-Cookie value that deletes it. */
  readonly removal: string;
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

/** A program that may ask here, as its credential says. */
export interface CallingService {
  readonly id: number;
  readonly name: string;
  /** Permissions, sorted. */
  readonly scopes: readonly string[];
}

/** Recognises a service by the Authorization header; null, without waiting, where the header is not of its kind. */
export interface ServiceAuthenticator {
  authenticate(authorization: string, client: Client): Promise<CallingService> | null;
}

/**
 * Recognises a caller without an Authorization header by a session's cookie. Null where the request asks for none or has
 * none that is good: a bad one is deleted with the answer and refuses nothing. Throws where the request comes from where
 * it may not (cookie-guard.ts).
 */
export type CookieAuthenticator = (
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<CurrentUser | null>;

type PermissionCheck = (user: CurrentUser, permission: string) => Promise<boolean>;

declare module "fastify" {
  interface FastifyContextConfig {
    auth?: "required" | "optional" | "ignored" | "service";
    permission?: string;
    /** Whether a service with the permission among its scopes may call it, too. */
    services?: boolean;
    /** Whether whoever acts in the owner's place may call it, too: what reads, and changes nothing that opens the account. */
    impersonated?: true;
    /** Its body is a file. */
    takesFile?: true;
    /** Its body is a form that pages of strangers send here, with the browser of a person: it changes nothing. */
    takesForeignForm?: true;
  }
  interface FastifyRequest {
    currentUser: CurrentUser | null;
    currentService: CallingService | null;
  }
}

/** The paths that are for staff; `/admin*` is a wildcard over all of them. */
const staffPath = /^\/admin(?:[/*]|$)/;

/** Whether the route of that path is for staff and superusers alone. */
export function isForStaff(url: string): boolean {
  return staffPath.test(url);
}

export interface AuthenticationParts {
  /** Asked one after another. */
  readonly authenticators: readonly Authenticator[];
  /** Asked where there is no Authorization header. */
  readonly cookieAuthenticator: CookieAuthenticator;
  readonly hasPermission: PermissionCheck;
  /** Asked before them. */
  readonly services: ServiceAuthenticator;
  /** What a route with `stepUp` asks after everything else. */
  readonly expectRecent: ExpectRecent;
}

export function addAuthentication(api: FastifyInstance, parts: AuthenticationParts): void {
  const { authenticators, cookieAuthenticator, hasPermission, services, expectRecent } = parts;
  api.decorateRequest("currentUser", null);
  api.decorateRequest("currentService", null);
  api.decorateRequest("provedHow", null);
  api.addHook("onRoute", (route) => {
    const forStaff = isForStaff(route.url);
    if (forStaff) route.config = { ...route.config, auth: route.config?.auth ?? "required" };
    checkDeclaration(route.config ?? {}, `${route.method} ${route.url}`, forStaff);
    const { auth, permission, services: isOpen = false, impersonated = false } = route.config ?? {};
    if (auth === "ignored") return;
    const action = stepUpOf(route.config?.stepUp, { method: route.method, forStaff });
    const check = async (request: FastifyRequest, reply: FastifyReply) => {
      await recognise(request, reply, auth === "service");
      const { currentService: service, currentUser: user } = request;
      if (auth === "service" && service === null) throw new AppError("service_needed");
      if (service !== null) return expectScope(service, permission, auth === "service" || isOpen);
      if (user?.impersonator !== undefined && !impersonated) throw new AppError("impersonated");
      if (auth !== "required" && user === null) return;
      if (user === null) throw new AppError("not_authenticated");
      if (forStaff && !isStaff(user)) throw new AppError("forbidden");
      if (permission !== undefined && !(await hasPermission(user, permission))) {
        throw new AppError("forbidden");
      }
      if (action === null) return;
      request.provedHow = await expectRecent({ user, proof: proofOf(request) }, action);
    };
    const own = route.onRequest === undefined ? [] : [route.onRequest].flat();
    route.onRequest =
      auth === "optional"
        ? [
            // Most open requests carry neither header; a callback hook spares them a promise.
            (request, reply, done) => {
              if (request.headers.authorization === undefined && !asksForCookie(request.headers)) done();
              else check(request, reply).then(() => done(), done);
            },
            ...own,
          ]
        : [check, ...own];
  });

  /** Errors: those of whoever the header is for, without one those of the cookie's guard. */
  async function recognise(
    request: FastifyRequest,
    reply: FastifyReply,
    servicesAlone: boolean,
  ): Promise<void> {
    const { authorization } = request.headers;
    if (authorization === undefined) {
      if (!servicesAlone) request.currentUser = await cookieAuthenticator(request, reply);
      return;
    }
    const client = { address: request.ip, headers: request.headers };
    const service = services.authenticate(authorization, client);
    if (service !== null) request.currentService = await service;
    else if (!servicesAlone) request.currentUser = await userOfHeader(authorization, client);
  }

  async function userOfHeader(authorization: string, client: Client): Promise<CurrentUser | null> {
    for (const authenticator of authenticators) {
      const user = await authenticator.authenticate(authorization, client);
      if (user === null) continue;
      // Also for authenticators of an embedding program, which may not think of it.
      if (user.is_active === 0) throw new AppError("account_disabled");
      return user;
    }
    return null;
  }
}

/** Throws where a route would be open to more than it says. */
function checkDeclaration(
  { auth, permission, services, impersonated }: FastifyContextConfig,
  route: string,
  forStaff: boolean,
): void {
  if (auth === undefined) throw new Error(`route ${route} does not declare config.auth`);
  if (permission !== undefined && auth !== "required" && auth !== "service") {
    throw new Error(`route ${route} asks for a permission but not for a user`);
  }
  if (permission === undefined && (auth === "service" || services === true)) {
    throw new Error(`route ${route} lets services in without asking for a permission`);
  }
  if (forStaff && impersonated === true) throw new Error(`route ${route} is for staff in their own name`);
  if (forStaff && auth !== "required") {
    throw new Error(`route ${route} is for staff, so config.auth can't be "${auth}"`);
  }
}

function expectScope(service: CallingService, permission: string | undefined, isOpen: boolean): void {
  if (!isOpen || permission === undefined) throw new AppError("service_not_here");
  if (!service.scopes.includes(permission)) throw new AppError("forbidden");
}

function isStaff(user: CurrentUser): boolean {
  return user.is_staff === 1 || user.is_superuser === 1;
}

/** The user of a route with `auth: "required"`. */
export function userOf(request: FastifyRequest): CurrentUser {
  if (request.currentUser === null) throw new AppError("not_authenticated");
  return request.currentUser;
}
